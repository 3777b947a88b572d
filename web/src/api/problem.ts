import type { ErrorAnswer } from "./schema";

/** Why a request failed, as the control API or the connection says. */
export interface Problem {
  /** The host's word for the kind of error, or `connection` when no answer came. */
  kind: string;
  message: string;
  resource: string | null;
  remedy: string | null;
  /** The HTTP status; 0 when no answer came. */
  status: number;
}

/** A failed request. */
export class RequestError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message);
    this.name = "RequestError";
    this.problem = problem;
  }
}

function isErrorAnswer(answer: unknown): answer is ErrorAnswer {
  return (
    typeof answer === "object" &&
    answer !== null &&
    "error" in answer &&
    typeof answer.error === "object" &&
    answer.error !== null &&
    "message" in answer.error
  );
}

/** The problem that a refused request tells of, whatever its body is. */
export function problemOf(status: number, answer: unknown): Problem {
  if (isErrorAnswer(answer)) {
    const { kind, message, resource, remedy } = answer.error;
    return { kind, message, resource, remedy, status };
  }
  return { kind: "http", message: `The app host answered ${status}.`, resource: null, remedy: null, status };
}

/** The problem of a request that got no answer. */
export function connectionProblem(): Problem {
  return {
    kind: "connection",
    message: "The app host does not answer.",
    resource: null,
    remedy: "Start it again with fairlead run.",
    status: 0,
  };
}

/** What any thrown value says, as a problem. */
export function toProblem(error: unknown): Problem {
  if (error instanceof RequestError) return error.problem;
  const message = error instanceof Error ? error.message : String(error);
  return { kind: "page", message, resource: null, remedy: null, status: 0 };
}
