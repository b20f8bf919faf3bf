import { describe, expect, it } from "vitest";
import {
  comparing,
  drawnAlike,
  newStrategy,
  ofKind,
  stickinessOf,
  stickTo,
  strategyWords,
} from "./strategies";

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
    expect(strategyWords({ name: "userWithId", parameters: { userIds: "ada, bob" } })).toBe(
      "the users ada, bob",
    );
    const inverted = { contextName: "email", operator: "STR_ENDS_WITH", values: ["@x.org"], inverted: true };
    expect(strategyWords({ name: "default", constraints: [inverted] })).toBe(
      "everyone where email does not end with “@x.org”",
    );
  });

  it("keep their conditions when they let in by something else", () => {
    const constraints = [{ contextName: "plan", operator: "IN", values: ["gold"] }];
    expect(ofKind({ ...newStrategy(), constraints }, "userWithId")).toEqual({
      name: "userWithId",
      parameters: { userIds: "" },
      constraints,
    });
  });

  it("draw their own variants as they are drawn themselves", () => {
    const variants = [{ name: "blue", weight: 1000, stickiness: "default" }];
    const byTenant = {
      name: "flexibleRollout",
      parameters: { rollout: "5", stickiness: "tenant" },
      variants,
    };
    expect(drawnAlike(byTenant).variants).toEqual([{ name: "blue", weight: 1000, stickiness: "tenant" }]);
    expect(ofKind(byTenant, "userWithId").variants).toEqual(variants);
    expect(drawnAlike(newStrategy())).toEqual(newStrategy());
  });

  it("are drawn by Unleash's default where no field is named", () => {
    const variants = [{ name: "blue", weight: 1000 }];
    const byTenant = stickTo({ ...newStrategy(), variants }, "tenant");
    expect(byTenant.parameters).toEqual({ rollout: "0", stickiness: "tenant" });
    expect(byTenant.variants?.[0]?.stickiness).toBe("tenant");
    const emptied = stickTo(byTenant, "");
    expect(emptied.parameters).toEqual({ rollout: "0", stickiness: "default" });
    expect(emptied.variants?.[0]?.stickiness).toBe("default");
    expect(stickinessOf({ name: "flexibleRollout", parameters: { stickiness: "" } })).toBe("default");
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
