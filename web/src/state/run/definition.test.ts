import { describe, expect, it } from "vitest";
import { changedFiles, differenceLine, differences, mistakeLine, takeDefinition } from "./definition";

describe("the definition", () => {
  it("forgets what differed when its files change again", () => {
    differences.value = [];
    takeDefinition({ kind: "definition", generation: 0, changed: ["apphost.py"] });
    expect(changedFiles.value).toEqual(["apphost.py"]);
    expect(differences.value).toBeNull();
  });

  it("tells what differs in a line", () => {
    const difference = {
      name: "api",
      kind: "Executable",
      action: "restart",
      parts: ["variable A"],
      note: "",
    } as const;
    expect(differenceLine(difference)).toBe("api: starts again (variable A)");
  });

  it("tells where a mistake is", () => {
    const mistake = {
      message: "needs text",
      resource: "web",
      file: "/shop/apphost.py",
      line: 5,
      remedy: null,
    };
    expect(mistakeLine(mistake)).toBe("apphost.py:5: web: needs text");
    expect(mistakeLine({ ...mistake, file: "", resource: null })).toBe("needs text");
  });
});
