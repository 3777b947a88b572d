import type { SpanView } from "../../../api/schema";

/** What a span that failed says: in words, and as its program raised it where that says more. */
export interface FaultWords {
  what: string;
  raw: string;
}

/** How a span failed; null when it did not. */
export function faultWords({ status, status_message, exception }: SpanView): FaultWords | null {
  if (status !== "error" && exception === null) return null;
  if (exception === null) return { what: status_message || "The span ended with an error", raw: "" };
  const { type, message } = exception;
  const what = status_message || message || type;
  const whole = message ? `${type}: ${message}` : type;
  if (what === whole || what === type) return { what, raw: "" };
  const name = type.split(".").at(-1) ?? type;
  if (what === `${name}: ${message}` || what === message) return { what, raw: type };
  return { what, raw: whole };
}
