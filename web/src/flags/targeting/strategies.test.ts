import { describe, expect, it } from "vitest";
import { comparing, newStrategy, strategyWords } from "./strategies";

describe("strategies", () => {
  it("are said in words", () => {
    const constraints = [
      { contextName: "country", operator: "IN", values: ["no", "se"] },
      { contextName: "age", operator: "NUM_LT", value: "40" },
    ];
    expect(strategyWords({ ...newStrategy(), constraints })).toBe(
      "0 % of everyone, drawn by user, else session, else chance where country is “no” or “se” and age is less than “40”",
    );
    expect(strategyWords({ name: "default" })).toBe("everyone");
    expect(strategyWords({ name: "moonPhase", disabled: true })).toBe("whom moonPhase lets in (disabled)");
  });

  it("keep what is compared in the member that the operator takes", () => {
    const listed = { contextName: "plan", operator: "IN", values: ["gold"] };
    const single = comparing(listed, "REGEX", ["^g"]);
    expect(single).toEqual({ contextName: "plan", operator: "REGEX", value: "^g" });
    expect(comparing(single, "STR_CONTAINS", ["g", "o"])).toEqual({
      contextName: "plan",
      operator: "STR_CONTAINS",
      values: ["g", "o"],
    });
  });
});
