// Who gets what: a context in, the value and its reason out, by the engine that serves SDKs.
import { Button, Code, Group, Stack, Text, Textarea } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Schema } from "../../api/schema";
import { Panel } from "../../ui/Panel";
import { ProblemNote, problemAt } from "../../ui/problem";
import { useEvaluate } from "../queries/flags";
import type { FlagHere } from "../useFlag";
import { VariationDot } from "../VariationDot";
import { Readings } from "./Readings";
import { Steps } from "./Steps";

const EXAMPLE = JSON.stringify({ kind: "user", key: "ada", email: "ada@example.com" }, null, 2);
const LAST = "steadfast-context";

export function Evaluator({ here }: { here: FlagHere }) {
  const evaluate = useEvaluate(here.place);
  const [text, setText] = useState(() => sessionStorage.getItem(LAST) ?? EXAMPLE);
  const [wrong, setWrong] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const context = parseContext(text);
    if (typeof context === "string") {
      setWrong(context);
      return;
    }
    sessionStorage.setItem(LAST, text);
    evaluate.mutate({ context, flag: here.key });
  };
  return (
    <Panel title="Who gets what" sentence="As SDKs evaluate what is saved.">
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Textarea
            label="Context"
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setWrong(undefined);
            }}
            error={wrong ?? problemAt(evaluate.error, "context")}
            autosize
            minRows={4}
            maxRows={16}
            spellCheck={false}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: "0.8125rem" } }}
          />
          <Group>
            <Button type="submit" variant="default" loading={evaluate.isPending}>
              Evaluate
            </Button>
          </Group>
          <ProblemNote error={evaluate.error} except={["context"]} />
          <div aria-live="polite">
            {evaluate.data?.map((answer) => (
              <Answer key={answer.flag} answer={answer} here={here} />
            ))}
          </div>
        </Stack>
      </form>
    </Panel>
  );
}

/** The context, or what is wrong with it. */
function parseContext(text: string): object | string {
  try {
    const context: unknown = JSON.parse(text);
    return typeof context === "object" && context !== null ? context : "A context is a JSON object.";
  } catch (error) {
    return `This is not JSON: ${(error as Error).message}.`;
  }
}

function Answer({ answer, here }: { answer: Schema["EvaluatedFlag"]; here: FlagHere }) {
  const { steps, readings = [], variant } = answer;
  return (
    <Stack gap="md">
      <Stack gap={6}>
        <Group gap="xs">
          <VariationDot variations={here.variations} variation={answer.variationIndex ?? null} />
        </Group>
        <Code block>{JSON.stringify(answer.value, null, 2)}</Code>
        {variant?.payload && (
          <>
            <Text size="sm" c="dimmed">
              Variant {variant.name} comes with
            </Text>
            <Code block aria-label="What comes with the variant">
              {variant.payload.value}
            </Code>
          </>
        )}
        <Text size="sm">{answer.explanation}</Text>
      </Stack>
      {steps && <Steps steps={steps} variations={here.variations} />}
      {readings.length > 0 && <Readings readings={readings} />}
    </Stack>
  );
}
