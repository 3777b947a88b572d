import type { OtlpDocument } from "../../../api/schema";

function isOtlp(value: unknown): value is OtlpDocument {
  return (
    typeof value === "object" &&
    value !== null &&
    "resourceSpans" in value &&
    Array.isArray(value.resourceSpans) &&
    (!("resourceLogs" in value) || Array.isArray(value.resourceLogs))
  );
}

/** Read a file with an exported trace.
 * @param name The name of the file.
 * @throws Error when it holds none; the host looks at the rest. */
export function readExport(name: string, text: string): OtlpDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${name} is not JSON. An exported trace is a file with OTLP JSON.`);
  }
  if (!isOtlp(value)) throw new Error(`${name} holds no trace: it has no list resourceSpans.`);
  return value;
}
