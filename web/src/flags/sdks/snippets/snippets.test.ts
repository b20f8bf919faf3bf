import { expect, test } from "vitest";
import { type Facts, SNIPPETS } from ".";

const facts: Facts = {
  base: "https://flags.example",
  key: "sdk-1",
  flag: "checkout",
  kind: "boolean",
  fallback: false,
};

test("each snippet says where, by which key, and which flag", () => {
  for (const { text } of SNIPPETS) {
    for (const word of [facts.base, facts.key, facts.flag]) expect(text(facts)).toContain(word);
  }
  expect(new Set(SNIPPETS.map(({ id }) => id)).size).toBe(SNIPPETS.length);
});

test("what is served when nothing is known is written as the language writes it", () => {
  const of = (id: string, more: Partial<Facts>) =>
    SNIPPETS.find((one) => one.id === id)?.text({ ...facts, ...more });
  expect(of("python", {})).toContain(", False)");
  expect(of("python", { kind: "json", fallback: { a: [null, true] } })).toContain('{"a": [None, True]}');
  expect(of("rust", { kind: "string", fallback: "old" })).toContain(
    'str_variation(&context, "checkout", "old".to_string())',
  );
  expect(of("rust", { kind: "number", fallback: 3 })).toContain('float_variation(&context, "checkout", 3.0)');
  expect(of("go", { kind: "json", fallback: { a: 1 } })).toContain('ldvalue.Parse([]byte("{\\"a\\":1}"))');
  expect(of("java", { kind: "string", fallback: "old" })).toContain(
    'String value = client.stringVariation("checkout", context, "old");',
  );
  expect(of("openfeature-node", { kind: "json", fallback: {} })).toContain(
    'getObjectValue("checkout", {}, context)',
  );
  expect(of("openfeature-python", {})).toContain('get_boolean_value("checkout", False, context)');
});
