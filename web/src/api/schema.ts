// Types of the control API. Written by scripts/api_types from the tables of the host; not to be edited.

export type Action = "start" | "offer" | "remove" | "replace" | "restart" | "update" | "later" | "nothing";

/** What runs. */
export interface AppDocument {
  /** The app, unique for a checkout. */
  app_id: string;
  /** The app's name. */
  name: string;
  /** Path of the app file. */
  apphost: string;
  /** The host's process. */
  pid: number;
  /** When it started, in seconds since 1970. */
  started: number;
  /** This run, of all the app's runs. */
  run_id: string;
  /** Path of its control socket. */
  socket: string;
  /** The digest of the app file that it runs by; empty where there is no such file. */
  definition: string;
  /** The branch of git that the app file is in, or the short hash of a commit; null where it is in none. */
  branch: string | null;
  /** The container engine with its version, such as ``Docker 27.3``; null as long as none is used. */
  engine: string | null;
  /** The files of the definition that have changed since, by their paths from the app file's folder. */
  changed: readonly string[];
  /** The address of its page with the token in its fragment; null where none is served. */
  dashboard: string | null;
}

/** An attribute; what is no text is JSON. */
export interface AttributeView {
  name: string;
  value: string;
}

/** What is wrong with a resource, by itself and not for the sake of another. */
export interface Cause {
  /** Stays the same as long as the cause does. */
  id: string;
  /** The id of the resource. */
  resource: string;
  /** Its name. */
  name: string;
  /** ``error`` for what has failed, ``warning`` for what lacks something or is unhealthy. */
  severity: "error" | "warning";
  /** What is wrong, in a few words that begin with the name. */
  title: string;
  /** The same in a sentence. */
  what: string;
  /** What the engine, cluster or program said, in its own words; empty where it said nothing. */
  raw: string;
  /** What to do; empty where nothing is known. */
  remedy: string;
  /** The app file's line that declares the resource, for the remedy. */
  file: string | null;
  /** Its number. */
  line: number | null;
  /** When it began. */
  since: number;
  /** The names of the resources that wait for it, directly or for one another. */
  waiting: readonly string[];
  /** The one thing that helps. */
  action: CauseAction;
}

/** The one thing that helps. */
export interface CauseAction {
  /** ``command`` runs a command of the resource, ``parameter`` asks for its value, ``details`` shows more. */
  kind: "command" | "parameter" | "details";
  /** The words on its button. */
  label: string;
  /** The id of the resource that it is done to. */
  resource: string;
  /** The command, for the kind ``command``. */
  command: string | null;
}

/** A cluster. */
export interface ClusterDocument {
  /** The resource. */
  name: string;
  /** Its version; empty while its server has not reported. */
  version: string;
  /** Where its API server is reached from this machine. */
  address: string;
  /** The path of the kubeconfig of the run. */
  kubeconfig: string;
  /** Seconds from its start until it was ready; null while it is not. */
  ready_after: number | null;
  /** Its nodes, the server's first. */
  nodes: readonly NodeView[];
  /** Its workloads: troubled ones first, those of k3s last. */
  workloads: readonly WorkloadView[];
  /** What happened in it, newest first. */
  events: readonly ClusterEvent[];
}

/** Something that happened in the cluster. */
export interface ClusterEvent {
  /** When it was last seen, in seconds since the epoch. */
  time: number;
  /** Whether it is a warning. */
  warning: boolean;
  /** Its word, such as ``FailedScheduling``. */
  reason: string;
  /** What it is about, as ``pod/web-1``. */
  object: string;
  /** The namespace of that; empty for what has none. */
  namespace: string;
  /** What happened. */
  message: string;
  /** How many times it was the same. */
  count: number;
}

/** Something that a command asks for before it runs. */
export interface CommandInput {
  /** How the function, the command line and the API call it; follows the rules of resource names. */
  name: string;
  /** How a form calls it; by default the name. */
  label: string;
  /** ``text``, ``number``, ``choice``, ``secret`` (text that is shown nowhere) or ``boolean``. */
  kind: "text" | "number" | "choice" | "secret" | "boolean";
  /** Whether the command can't run without it. */
  required: boolean;
  /** Its value where none is given; without one, the function gets None. */
  default: string | number | boolean | null;
  /** What can be chosen, for the kind ``choice``. */
  choices: readonly string[];
}

/** A command that a user can give, and what it asks for; see ``with_command``. */
export interface CommandView {
  /** Its name. */
  name: string;
  /** The words on its button. */
  display: string;
  /** A question to ask before it runs. */
  confirm: string | null;
  /** What it asks for. */
  inputs: readonly CommandInput[];
  /** Whether it can be given now. */
  enabled: boolean;
  /** Why it can't, in words. */
  why_not: string;
  /** What it will do, also to other resources, in order, each in a sentence. */
  effects: readonly string[];
  /** Whether data is lost that nothing brings back. */
  loses_data: boolean;
  /** Since when it runs, in seconds since the epoch; None when it does not. */
  running_since: number | null;
}

/** How a span compares with those of other traces that have its resource and name. */
export interface Comparison {
  /** With how many it is compared. */
  count: number;
  /** The shortest duration. */
  shortest: number;
  /** The longest duration. */
  longest: number;
  /** How many are in each of twelve equal steps of the logarithm of the duration. */
  buckets: readonly number[];
  /** The step that this span is in. */
  bucket: number;
  /** The part of them that is faster than this one, from 0 to 1. */
  faster: number;
}

/** The line of the app file that declares a resource. */
export interface Declaration {
  /** The file, relative to the folder of the app file where it is in there. */
  file: string;
  /** The number of the line, from 1. */
  line: number;
}

/** What differs in one resource. */
export interface Difference {
  /** The resource. */
  name: string;
  /** Its kind, of the new definition where it is there. */
  kind: string;
  /** What is done. */
  action: Action;
  /** What differs, in words; no values, as some are secret. */
  parts: readonly string[];
  /** What becomes of its container or data, where that is worth saying. */
  note: string;
}

/** How much was dropped to keep memory bounded, and how much is kept at most. */
export interface Dropped {
  dropped: number;
  limit: number;
}

/** The traffic between two resources in the last five minutes. */
export interface EdgeTraffic {
  /** Calls a second. */
  rate: number;
  /** The duration that nine of ten calls did not exceed; null without calls. */
  p90: number | null;
  /** How many calls ended with an error. */
  failed: number;
  /** Calls a second over time. */
  points: readonly PlotPoint[];
  /** What most of them were: statements of a database, commands of a cache, or requests. */
  kind: "statements" | "requests" | "commands";
}

/** An address of an endpoint. */
export interface EndpointView {
  /** The endpoint. */
  name: string;
  /** A URL, or ``host:port`` where the scheme says nothing to a browser. */
  address: string;
  /** From where it is reached: ``host``, or ``container``. */
  seen_from: "host" | "container";
  /** What is special about it, such as ``internal`` or ``forwarded``; empty where nothing is. */
  note: string;
}

export interface ErrorAnswer {
  error: {
    kind: string;
    message: string;
    resource: string | null;
    remedy: string | null;
    exit_code: number;
  };
}

/** An exception as a record tells it; the frames are those of its stack trace, in the sender's order. */
export interface ExceptionView {
  type: string;
  message: string;
  frames: readonly StackFrame[];
}

/** A measurement with the trace in which it was made. */
export interface ExemplarView {
  time: number;
  value: number;
  resource: string;
  trace_id: string;
  span_id: string;
}

export interface Gap {
  resource: string;
  kind: "gap";
  lost: number;
  cursor: string;
}

/** The last answer of one health check. */
export interface HealthReport {
  /** The check. */
  name: string;
  /** What it found. */
  status: HealthStatus;
  /** The same in words. */
  description: string;
  /** When, in seconds since the epoch. A report that differs in nothing else counts as the same. */
  checked_at: number;
  /** What a healthy answer is, such as ``200``; empty where the check does not say. */
  expected: string;
  /** What was answered; empty where the check does not say. */
  got: string;
  /** How long the answer took, in seconds. */
  duration: number | null;
  /** Since when it finds the same status, in seconds since the epoch. */
  since: number | null;
  /** What else was said, in its own words, such as the text of an answer. */
  raw: string;
}

export type HealthStatus = "Healthy" | "Degraded" | "Unhealthy";

/** The instruments with data, and how many have none. */
export interface InstrumentList {
  instruments: readonly InstrumentView[];
  without_data: number;
  kept: Dropped;
}

/** An instrument that has data of the resources asked for; ``attributes`` has the values of each attribute. */
export interface InstrumentView {
  name: string;
  title: string;
  kind: "counter" | "up_down_counter" | "gauge" | "histogram";
  unit: string;
  description: string;
  resources: readonly string[];
  attributes: Record<string, readonly string[]>;
}

/** How many lines of each level; ``other`` are those without one, ``fairlead`` what Fairlead says itself. */
export interface LevelCounts {
  error: number;
  warn: number;
  info: number;
  debug: number;
  other: number;
  fairlead: number;
}

export interface Line {
  resource: string;
  kind: "line";
  number: number;
  time: number;
  stream: LineStream;
  source: string | null;
  text: string;
  level: LogLevel | null;
  cursor: string;
}

export type LineStream = "stdout" | "stderr" | "system" | "state";

/** The lines of a step of time that begins at ``time``. */
export interface LogBucket {
  time: number;
  counts: LevelCounts;
}

/** How many entries match: by resource, and of each level. */
export interface LogCounts {
  total: number;
  resources: Record<string, number>;
  levels: Record<string, number>;
}

/** The kept lines of the resources asked for, by time and by resource. */
export interface LogHistogram {
  /** Seconds that a bucket is long. */
  step: number;
  /** In order of time; empty ones are left out. */
  buckets: readonly LogBucket[];
  /** How many lines of each resource, by id. */
  resources: Record<string, number>;
  /** How many of each level. */
  totals: LevelCounts;
  /** How many lines were dropped, as only the last of each resource are kept. */
  lost: number;
  /** Lines a second in the last five seconds. */
  rate: number;
}

export type LogLevel = "error" | "warn" | "info" | "debug";

/** Entries, newest last; ``cursor`` leads to what comes behind them. */
export interface LogList {
  logs: readonly LogView[];
  counts: LogCounts;
  kept: Dropped;
  cursor: number;
}

/** A structured log entry. */
export interface LogView {
  /** Rises in the order of arrival; a cursor too. */
  id: number;
  time: number;
  level: "trace" | "debug" | "info" | "warn" | "error" | "fatal";
  /** The id of the resource. */
  resource: string;
  /** Its replica, as the sender calls it. */
  instance: string;
  /** The logger. */
  scope: string;
  /** The message in one text. */
  message: string;
  /** The same in pieces, its values set apart. */
  parts: readonly MessagePart[];
  trace_id: string | null;
  span_id: string | null;
  attributes: readonly AttributeView[];
  sender: readonly AttributeView[];
  exception: ExceptionView | null;
}

/** Something that happened to a resource, drawn across all plots. */
export interface Mark {
  time: number;
  resource: string;
  text: string;
}

export interface Message {
  message: string | null;
}

/** A piece of a message; ``attribute`` names the attribute whose value it is, ``value`` tells a value from text. */
export interface MessagePart {
  text: string;
  value: boolean;
  attribute: string | null;
}

/** A command of the definition. */
export interface ModelCommand {
  name: string;
  display: string;
  confirm: string | null;
  inputs: readonly CommandInput[];
}

/** The definition of an app; ``links`` are the lines of its graph. */
export interface ModelDocument {
  name: string;
  file: string;
  resources: readonly ModelResource[];
  links: readonly ModelLink[];
}

/** An endpoint; a port is null where the run chooses it. */
export interface ModelEndpoint {
  name: string;
  scheme: string;
  protocol: string;
  port: number | null;
  target_port: number | null;
  env: string | null;
  external: boolean;
}

/** What one resource has to do with another that it needs. */
export interface ModelLink {
  /** The one that is needed. */
  provider: string;
  /** The one that needs it. */
  consumer: string;
  /** What the provider has to be before the consumer starts; ``value`` for a value that it makes known. */
  waits: readonly ("ready" | "started" | "completed" | "value")[];
  /** Whether the consumer has a reference to it. */
  reference: boolean;
  /** Whether the consumer gets values of it, such as addresses, by a reference or singly. */
  values: boolean;
  /** The app file. */
  file: string;
  /** The line that says so first. */
  line: number;
}

/** A line of the app file. */
export interface ModelLocation {
  file: string;
  line: number;
}

/** A reference to another resource, or to one of its endpoints. */
export interface ModelReference {
  resource: string;
  endpoint: string | null;
  connection_name: string | null;
  optional: boolean;
}

/** One resource of the definition. */
export interface ModelResource {
  name: string;
  type: string;
  location: ModelLocation;
  parent: string | null;
  /** Whether this run has it. */
  in_run: boolean;
  explicit_start: boolean;
  icon: string | null;
  replicas: number;
  /** Its image, program, chart or address, in a few words. */
  made_from: string;
  /** Whether it outlives the run. */
  kept: boolean;
  image: string | null;
  entrypoint: readonly string[];
  arguments: readonly string[];
  environment: readonly ModelVariable[];
  endpoints: readonly ModelEndpoint[];
  volumes: readonly ModelVolume[];
  waits: readonly ModelWait[];
  references: readonly ModelReference[];
  health_checks: readonly string[];
  commands: readonly ModelCommand[];
}

/** An environment variable; ``value`` is the definition's. */
export interface ModelVariable {
  name: string;
  value: string;
  secret: boolean;
}

/** A volume (``source`` is its name, if it has one) or a bind mount (``source`` is a path of this machine). */
export interface ModelVolume {
  kind: "volume" | "bind";
  source: string | null;
  target: string;
  read_only: boolean;
}

/** A wait for another resource; ``exit_code`` counts for completion only. */
export interface ModelWait {
  resource: string;
  kind: "ready" | "started" | "completed";
  exit_code: number;
}

/** A node. */
export interface NodeView {
  /** Its name in the cluster. */
  name: string;
  /** The resource of the definition whose container it is. */
  resource: string;
  /** ``control plane`` or ``agent``. */
  role: string;
  /** Whether it takes pods. */
  ready: boolean;
  /** Why not, in words; empty when all is well. */
  reason: string;
  /** In per cent of one core, null where that is not known (yet). */
  cpu: number | null;
  /** What it has, in per cent of one core. */
  cpu_limit: number | null;
  /** In bytes, null where that is not known. */
  memory: number | null;
  /** The most it may take, in bytes. */
  memory_limit: number | null;
  /** How many it has. */
  pods: number;
  /** How many it may have. */
  pod_limit: number;
}

export interface OpenLine {
  resource: string;
  kind: "open";
  time: number;
  stream: LineStream;
  source: string | null;
  text: string;
}

export interface OtlpDocument {
  resourceSpans: readonly (Record<string, unknown>)[];
  resourceLogs?: readonly (Record<string, unknown>)[];
}

/** All parameters, in the order of the definition. */
export interface ParameterList {
  parameters: readonly ParameterView[];
  stores: readonly ParameterStore[];
}

/** A place where a value may come from; the first of the list that has one wins. */
export interface ParameterSource {
  name: string;
  has_value: boolean;
  wins: boolean;
}

/** A file in which values are kept; ``count`` is how many of this app's. */
export interface ParameterStore {
  kind: string;
  path: string;
  count: number;
}

/** A resource that uses a parameter; ``waits_since`` is when it began to wait for its value, null if it does not. */
export interface ParameterUser {
  resource: string;
  waits_since: number | null;
  stale: boolean;
}

/** A parameter. */
export interface ParameterView {
  /** Its name. */
  name: string;
  /** Whether its value is shown only on request. */
  secret: boolean;
  /** What the definition says of it. */
  description: string;
  /** The value; ``***`` for a secret one, null where it has none. */
  value: string | null;
  /** The source that won, in words; empty without a value. */
  source: string;
  /** All sources, in the order in which they win. */
  sources: readonly ParameterSource[];
  /** Who uses it. */
  used_by: readonly ParameterUser[];
  /** The app file. */
  file: string;
  /** The line that declares it. */
  line: number;
  /** When it was given a value in this run. */
  changed_at: number | null;
  /** The environment variable that gives it. */
  variable: string;
  /** The arguments that give it on the command line. */
  command: string;
  /** Whether a value of it is stored for later runs, and so can be forgotten. */
  stored: boolean;
}

/** The data of one instrument in a window. */
export interface PlotDocument {
  /** Its name. */
  instrument: string;
  /** The unit of the values: of a counter per second. */
  unit: string;
  /** Where the window begins. */
  start: number;
  /** Where it ends. */
  end: number;
  /** The distance of two points. */
  step: number;
  /** The lines. */
  series: readonly Series[];
  /** Measurements with their traces. */
  exemplars: readonly ExemplarView[];
  /** The value that stands for all, and what it is, such as ``p99``. */
  summary: number | null;
  /** What it is. */
  summary_label: string;
}

/** The plots of several instruments in one window, and what happened meanwhile. */
export interface PlotList {
  plots: readonly PlotDocument[];
  marks: readonly Mark[];
}

/** A value at a time; null where there is a gap. */
export interface PlotPoint {
  time: number;
  value: number | null;
}

/** A pod. */
export interface PodView {
  /** The id of its snapshot. */
  id: string;
  name: string;
  namespace: string;
  /** Its own word, such as ``Running`` or ``ImagePullBackOff``. */
  state: string;
  /** Whether it is ready, or has done its work. */
  healthy: boolean;
  /** How many of its containers are ready. */
  ready: number;
  /** How many it has. */
  containers: number;
  /** How often they were started again. */
  restarts: number;
  /** The node it is on; null before it is given one. */
  node: string | null;
  /** When it was made. */
  started_at: number | null;
}

/** What came of a reload. */
export interface Reload {
  /** What differs. */
  differences: readonly Difference[];
  /** How many resources are as they were. */
  unchanged: number;
  /** Why nothing was done; empty where the definition is sound. */
  errors: readonly ReloadError[];
  /** Whether the run goes by the new definition now. */
  applied: boolean;
}

/** Why a new definition can't be gone by: one mistake. */
export interface ReloadError {
  /** What is wrong. */
  message: string;
  /** The resource that it is about; None for none. */
  resource: string | null;
  /** The file that it is in; empty where that is not known. */
  file: string;
  /** The line; 0 where it is not known. */
  line: number;
  /** What to do about it; None where nothing is known. */
  remedy: string | null;
}

export interface Removal {
  id: string;
  removed: true;
  version: number;
}

export interface ReplicaView {
  /** Its number, from 0. */
  number: number;
  /** What it is doing. */
  state: State;
  /** How it ended, if it ended with an exit code. */
  exit_code: number | null;
  properties: Record<string, string>;
  /** Names it in addresses, logs and causes: ``api-1`` for the first of ``api``; ``api.1`` where a resource is called ``api-1``. */
  id: string;
  /** None unless it runs. */
  health: HealthStatus | null;
  /** The last answers of the health checks that ask this replica alone. */
  reports: readonly HealthReport[];
  /** Why it is as it is, in one line; empty when all is well. */
  reason: string;
  /** Links to it alone, past the balancer. */
  urls: readonly Url[];
  /** When it came up, in seconds since the epoch. */
  started_at: number | null;
  /** When it ended. */
  stopped_at: number | null;
}

/** Something that happened to a resource. */
export interface ResourceEvent {
  /** Rises from event to event of the whole run. */
  number: number;
  /** When, in seconds since 1970. */
  time: number;
  /** The id of the resource. */
  resource: string;
  /** What it is about. */
  kind: "state" | "health" | "wait" | "command" | "value";
  /** How good the news is. */
  tone: "ok" | "busy" | "wait" | "warn" | "bad" | "idle";
  /** What happened, in words, without the name of the resource. */
  text: string;
  /** How many times the resource was started when it happened. */
  generation: number;
}

/** What one resource has to do with a trace: its spans, and the time that none of their children account for. */
export interface ResourceShare {
  resource: string;
  spans: number;
  self_time: number;
  longest_operation: string;
  longest_self_time: number;
}

/** One line of a plot: of one resource, or of one quantile (``p50``, ``p90``, ``p99``) of all. */
export interface Series {
  label: string;
  resource: string | null;
  quantile: string | null;
  points: readonly PlotPoint[];
  latest: number | null;
}

/** One resource at one moment. */
export interface Snapshot {
  /** The resource. */
  name: string;
  /** Names it in addresses and commands: the name of a declared resource, by default; an observed one has ``<owner>/<kind>/<namespace or ->/<name>``. */
  id: string;
  /** Whether the definition declares it, or a driver observes it below a declared one. */
  origin: "declared" | "observed";
  /** The declared resource whose driver observes it; None for a declared one. */
  owner: string | null;
  /** The id of the resource it is shown below. */
  parent: string | null;
  /** What it is doing. */
  state: State;
  /** None unless it runs. */
  health: HealthStatus | null;
  /** The last answers of its health checks. */
  reports: readonly HealthReport[];
  /** Whether it has become healthy, and its ``on_ready`` hooks are done, since it was started. */
  ready: boolean;
  /** Why it will not become ready until it is started again: how an ``on_ready`` hook failed. */
  ready_failure: string;
  /** How it ended last, when it had an exit code. */
  exit_code: number | null;
  /** Why its last end is a failure whatever its exit code: an error that ended it. Empty otherwise. */
  end_failure: string;
  /** The kind of the error that it failed by, such as ``EngineUnavailable``; empty when none did. */
  failure: string;
  /** Since when it is in this state, in seconds since the epoch; None where that is not known. */
  state_since: number | null;
  /** Why it is as it is, in words; empty when all is well. */
  reason: string;
  /** What to do about it, which the reason ends with; empty where nothing is known. */
  remedy: string;
  /** What the engine, cluster or program itself said; empty where it said nothing more. */
  raw: string;
  /** Its own word for what it is doing, which takes the place of the state, such as ``ImagePullBackOff``. */
  word: string;
  /** The one line that tables show of why it is as it is: what it waits for, the reason, the failing checks; empty when there is nothing to say. */
  summary: string;
  /** Whether somebody stopped it, so that its exit code says nothing about it. */
  stop_requested: boolean;
  /** What it still waits for, in words. */
  waiting_for: readonly string[];
  /** The resources that it waits for, one for each entry of ``waiting_for``. */
  blocked_by: readonly string[];
  /** All that its last start waits or has waited for. */
  waits: readonly WaitView[];
  /** The line of the app file that declares it; None for an observed one. */
  declared: Declaration | null;
  /** What its kind looks like, as ``with_icon`` or its kind says. */
  icon: string | null;
  /** Links to it. */
  urls: readonly Url[];
  /** Its addresses, as this machine and as containers see them. */
  endpoints: readonly EndpointView[];
  /** The variables of its last start. */
  environment: readonly VariableView[];
  replicas: readonly ReplicaView[];
  /** What can be done with it now. */
  commands: readonly CommandView[];
  properties: Record<string, string>;
  /** The names of the values that it has made known, as ``name@network`` where one network alone has been told; the values may be secret. */
  outputs: readonly string[];
  /** How many times it was started. */
  starts: number;
  /** How often in a row it was started again because it had ended by itself. */
  restarts: number;
  /** How it ended before the last of these restarts. */
  restart_reason: string;
  /** When it last became Running, in seconds since the epoch. */
  started_at: number | null;
  /** When it last ended. */
  stopped_at: number | null;
  /** Rises with each change in the app; assigned by the bus. */
  version: number;
  /** What it is called in tables. */
  type: string;
}

/** The lines of the app file that declare a resource. */
export interface SourceDocument {
  /** The file. */
  file: string;
  /** The line at which the declaration begins. */
  line: number;
  /** Whether the app file has been edited since the run began, so that the lines may be others. */
  changed: boolean;
  /** The declaration with what is around it; empty where the file can't be read. */
  lines: readonly SourceLine[];
}

/** A line of a file; ``declares`` tells whether it belongs to the declaration. */
export interface SourceLine {
  number: number;
  text: string;
  declares: boolean;
}

/** What there is to say of one span beyond the waterfall. */
export interface SpanDetails {
  span: SpanView;
  logs: readonly LogView[];
  comparison: Comparison | null;
  resource_attributes: readonly AttributeView[];
}

/** Something that happened within a span; ``offset`` is from the beginning of the trace. */
export interface SpanEventView {
  name: string;
  offset: number;
  attributes: readonly AttributeView[];
}

/** A span that another has to do with; ``known`` tells whether its trace is kept here. */
export interface SpanLinkView {
  trace_id: string;
  span_id: string;
  known: boolean;
}

/** A span as the waterfall shows it. */
export interface SpanView {
  span_id: string;
  parent_id: string | null;
  name: string;
  /** The resource that it is drawn under: its sender, or the one whose address it calls where that sends no spans of its own (Postgres, Redis). */
  resource: string;
  /** The resource that sent it. */
  sender: string;
  instance: string;
  scope: string;
  kind: "internal" | "server" | "client" | "producer" | "consumer";
  /** How many spans it is below, from 0. */
  depth: number;
  /** When it began, from the beginning of the trace. */
  offset: number;
  duration: number;
  /** The part of its duration that none of its children account for. */
  self_time: number;
  /** Whether the trace would have been shorter without it. */
  longest_path: boolean;
  status: "unset" | "ok" | "error";
  status_message: string;
  attributes: readonly AttributeView[];
  events: readonly SpanEventView[];
  links: readonly SpanLinkView[];
  exception: ExceptionView | null;
  /** How many structured log entries belong to it. */
  logs: number;
}

/** A line of a stack trace; ``own`` tells the app's own files from those of libraries. */
export interface StackFrame {
  text: string;
  file: string | null;
  line: number | null;
  own: boolean;
}

export type State = "NotStarted" | "Waiting" | "Starting" | "Building" | "Running" | "RuntimeUnhealthy" | "Stopping" | "Exited" | "Finished" | "FailedToStart" | "ValueMissing" | "Active";

export interface TelemetryGap {
  kind: "gap";
  lost: number;
}

/** How many traces match: all, those with errors, those that are slower than half a second. */
export interface TraceCounts {
  total: number;
  errors: number;
  slow: number;
  resources: Record<string, number>;
}

/** A trace whole, its spans in the order of the waterfall: depth first, by their beginning. */
export interface TraceDocument {
  trace: TraceView;
  spans: readonly SpanView[];
}

/** Traces, newest first; ``cursor`` leads to what changes after them. */
export interface TraceList {
  traces: readonly TraceView[];
  counts: TraceCounts;
  kept: Dropped;
  cursor: number;
}

/** A trace as a list shows it. */
export interface TraceView {
  /** Its id. */
  trace_id: string;
  /** The operation of its first span. */
  name: string;
  /** The resource of that span. */
  resource: string;
  /** When it began. */
  start: number;
  /** From its first beginning to its last end. */
  duration: number;
  /** How many spans have come. */
  spans: number;
  /** How many of them ended with an error. */
  errors: number;
  /** Whether the span that all others are part of has not come yet; one that has not come for half a minute is not expected any more. */
  running: boolean;
  /** What each resource has to do with it, longest self time first. */
  shares: readonly ResourceShare[];
  /** Whether it was imported. */
  imported: boolean;
  /** How many spans were left out, as a trace has 10,000 at most. */
  dropped: number;
  /** Rises with each change of any trace; a cursor. */
  version: number;
}

/** A link to the resource; ``name`` is the endpoint's, or the label of ``with_url``. */
export interface Url {
  name: string;
  url: string;
}

/** An environment variable as the resource got it; the value of a secret one is masked. */
export interface VariableView {
  /** Its name. */
  name: string;
  /** Its value. */
  value: string;
  /** Whether it is shown only on request. */
  secret: boolean;
  /** Where its value comes from, in words: a reference, a parameter, a rule of its kind, a file. */
  origin: string;
  /** The name of the resource that it comes from, if it comes from one. */
  origin_resource: string | null;
}

/** One thing that a resource waits for before it starts. */
export interface WaitView {
  /** The name of the resource that it waits for. */
  resource: string;
  /** What that has to be: ``healthy``, ``running``, ``completed``, or ``value`` for a value of it. */
  condition: string;
  /** Whether it is. */
  satisfied: boolean;
  /** When it became so, or when the wait began, in seconds since the epoch. */
  since: number | null;
  /** Why it is not yet, in words; empty when it is. */
  why_not: string;
  /** Seconds from the beginning of the wait until it was; None while it is not. */
  took: number | null;
}

export type WatchLine = {
  kind: "snapshot";
  snapshot: Snapshot;
} | {
  kind: "removal";
  id: string;
  version: number;
} | {
  kind: "present";
  version: number;
  order: readonly string[];
} | {
  kind: "causes";
  causes: readonly Cause[];
} | {
  kind: "event";
  event: ResourceEvent;
} | {
  kind: "usage";
  time: number;
  values: Record<string, readonly number[]>;
} | {
  kind: "definition";
  generation: number;
  changed: readonly string[];
} | {
  kind: "alive";
};

/** A workload with its pods. */
export interface WorkloadView {
  /** The id of its snapshot. */
  id: string;
  name: string;
  namespace: string;
  /** Such as ``Deployment``. */
  kind: string;
  /** The resource of the definition that it belongs to; null for what is k3s's own. */
  owner: string | null;
  /** Whether it is not k3s's own. */
  mine: boolean;
  /** How many of its pods are ready, or have done their work. */
  ready: number;
  /** How many it is to have. */
  wanted: number;
  /** Its pods, troubled ones first. */
  pods: readonly PodView[];
}

/** What can be asked: what goes into each route, and what comes back. */
export interface Routes {
  "GET /api/app": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: AppDocument;
    item: never;
  };
  "GET /api/model": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ModelDocument;
    item: never;
  };
  "GET /api/openapi.json": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Record<string, unknown>;
    item: never;
  };
  "POST /api/reload": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: {
      /** Whether to apply nothing. */
      check?: boolean;
    };
    answer: Reload;
    item: never;
  };
  "POST /api/stop": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: Message;
    item: never;
  };
  "GET /api/watch": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: never;
    item: WatchLine;
  };
  "GET /api/causes": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: {
      causes: readonly Cause[];
    };
    item: never;
  };
  "GET /api/resources": {
    path: Record<string, never>;
    query: { follow?: "0" | "1"; };
    body: undefined;
    answer: {
      resources: readonly Snapshot[];
    };
    item: Snapshot | Removal;
  };
  "GET /api/resources/{id}": {
    path: { id: string; };
    query: Record<string, never>;
    body: undefined;
    answer: Snapshot;
    item: never;
  };
  "GET /api/resources/{id}/events": {
    path: { id: string; };
    query: Record<string, never>;
    body: undefined;
    answer: {
      events: readonly ResourceEvent[];
    };
    item: never;
  };
  "GET /api/resources/{id}/source": {
    path: { id: string; };
    query: Record<string, never>;
    body: undefined;
    answer: SourceDocument;
    item: never;
  };
  "GET /api/resources/{id}/wait": {
    path: { id: string; };
    query: { for?: "running" | "healthy" | "completed"; timeout?: number; };
    body: undefined;
    answer: Snapshot;
    item: never;
  };
  "POST /api/resources/{id}/commands/{command}": {
    path: { id: string; command: string; };
    query: Record<string, never>;
    body: {
      /** Values by the names of the inputs. */
      inputs?: Record<string, unknown>;
    };
    answer: {
      message: string | null;
      data: unknown;
    };
    item: never;
  };
  "POST /api/resources/{id}/exec": {
    path: { id: string; };
    query: Record<string, never>;
    body: {
      argv: readonly string[];
      terminal?: boolean;
    };
    answer: {
      argv: readonly string[];
      env: Record<string, string>;
      cwd: string;
    };
    item: never;
  };
  "POST /api/resources/{id}/environment/{name}/reveal": {
    path: { id: string; name: string; };
    query: Record<string, never>;
    body: undefined;
    answer: {
      name: string;
      value: string;
    };
    item: never;
  };
  "GET /api/logs": {
    path: Record<string, never>;
    query: { name?: readonly string[]; tail?: number; after?: string; follow?: "0" | "1"; open?: "0" | "1"; };
    body: undefined;
    answer: {
      lines: readonly (Line | Gap)[];
      open: readonly OpenLine[];
      cursor: string;
    };
    item: Line | Gap | OpenLine;
  };
  "GET /api/logs/histogram": {
    path: Record<string, never>;
    query: { name?: readonly string[]; buckets?: number; follow?: "0" | "1"; };
    body: undefined;
    answer: LogHistogram;
    item: LogHistogram;
  };
  "GET /api/clusters/{name}": {
    path: { name: string; };
    query: { follow?: "0" | "1"; };
    body: undefined;
    answer: ClusterDocument;
    item: ClusterDocument;
  };
  "GET /api/parameters": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: undefined;
    answer: ParameterList;
    item: never;
  };
  "POST /api/parameters/{name}": {
    path: { name: string; };
    query: Record<string, never>;
    body: {
      value: string;
      /** Whether to keep it for later runs. */
      store?: boolean;
    };
    answer: Message;
    item: never;
  };
  "POST /api/parameters/{name}/forget": {
    path: { name: string; };
    query: Record<string, never>;
    body: undefined;
    answer: Message;
    item: never;
  };
  "POST /api/parameters/{name}/reveal": {
    path: { name: string; };
    query: Record<string, never>;
    body: undefined;
    answer: {
      name: string;
      value: string;
    };
    item: never;
  };
  "GET /api/telemetry/logs": {
    path: Record<string, never>;
    query: { r?: readonly string[]; q?: string; level?: "trace" | "debug" | "info" | "warn" | "error" | "fatal"; f?: readonly string[]; trace?: string; span?: string; before?: number; after?: number; limit?: number; follow?: "0" | "1"; };
    body: undefined;
    answer: LogList;
    item: LogView | TelemetryGap;
  };
  "GET /api/telemetry/logs/{entry}": {
    path: { entry: string; };
    query: Record<string, never>;
    body: undefined;
    answer: LogView;
    item: never;
  };
  "GET /api/telemetry/traces": {
    path: Record<string, never>;
    query: { r?: readonly string[]; q?: string; min?: number; errors?: "0" | "1"; before?: number; after?: number; limit?: number; follow?: "0" | "1"; };
    body: undefined;
    answer: TraceList;
    item: TraceView;
  };
  "GET /api/telemetry/traces/{trace}": {
    path: { trace: string; };
    query: Record<string, never>;
    body: undefined;
    answer: TraceDocument;
    item: never;
  };
  "GET /api/telemetry/traces/{trace}/spans/{span}": {
    path: { trace: string; span: string; };
    query: Record<string, never>;
    body: undefined;
    answer: SpanDetails;
    item: never;
  };
  "GET /api/telemetry/traces/{trace}/export": {
    path: { trace: string; };
    query: Record<string, never>;
    body: undefined;
    answer: OtlpDocument;
    item: never;
  };
  "POST /api/telemetry/import": {
    path: Record<string, never>;
    query: Record<string, never>;
    body: OtlpDocument;
    answer: {
      traces: readonly string[];
    };
    item: never;
  };
  "GET /api/telemetry/instruments": {
    path: Record<string, never>;
    query: { r?: readonly string[]; };
    body: undefined;
    answer: InstrumentList;
    item: never;
  };
  "GET /api/telemetry/plots": {
    path: Record<string, never>;
    query: { r?: readonly string[]; instrument?: readonly string[]; window?: number; f?: readonly string[]; };
    body: undefined;
    answer: PlotList;
    item: never;
  };
  "GET /api/telemetry/edges": {
    path: Record<string, never>;
    query: { from?: string; to?: string; };
    body: undefined;
    answer: EdgeTraffic;
    item: never;
  };
}
