// What modules ask of a browser when they are loaded; tests run without one.
import { vi } from "vitest";

vi.stubGlobal("localStorage", { getItem: () => null, setItem: () => undefined });
