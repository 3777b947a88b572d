import type { Snapshot } from "../../api/schema";
import { ICONS, type IconName } from "./icons";

const BY_WORD: readonly (readonly [RegExp, IconName])[] = [
  [/cluster/i, "cluster"],
  [/node$/i, "node"],
  [/^(uvicorn|python|node|vite|executable|process|replica|shell)/i, "process"],
  [/postgres|redis|database|volume/i, "database"],
  [/parameter|secret/i, "parameter"],
  [/manifest|kustomi|configmap|connection/i, "manifest"],
  [/release|chart|helm/i, "release"],
  [/endpoint|^service$|ingress/i, "endpoint"],
  [/deployment|statefulset|daemonset|replicaset|^job$|cronjob|workload/i, "workload"],
  [/pod/i, "pod"],
  [/external/i, "external"],
  [/container/i, "container"],
];

/** The icon of a resource: its own, else that of its kind. */
export function kindIcon({ icon, type }: Pick<Snapshot, "icon" | "type">): IconName {
  if (icon !== null && isIcon(icon)) return icon;
  return BY_WORD.find(([words]) => words.test(type))?.[1] ?? "container";
}

function isIcon(name: string): name is IconName {
  return name in ICONS;
}
