// What those get whom a strategy lets in, and on what the flag depends; both are changed by the API.
import { Code, List, Stack, Text } from "@mantine/core";
import { Panel } from "../../ui/Panel";
import type { FlagHere } from "../useFlag";
import type { Variant } from "./model";
import { shareWords } from "./strategies";

export function VariantsPanel({ here: { configuration } }: { here: FlagHere }) {
  const { variants, dependencies } = configuration;
  const own = configuration.strategies.flatMap((one, at) => (one.variants?.length ? [at + 1] : []));
  if (variants.length === 0 && dependencies.length === 0 && own.length === 0) return null;
  return (
    <>
      {(variants.length > 0 || own.length > 0) && (
        <Panel title="Variants" sentence="What SDKs tell those who are let in.">
          <Stack gap="xs">
            {variants.length > 0 && <Variants variants={variants} />}
            {own.map((number) => (
              <Stack gap={4} key={number}>
                <Text size="sm" fw={600}>
                  Whom strategy {number} lets in
                </Text>
                <Variants variants={configuration.strategies[number - 1]?.variants ?? []} />
              </Stack>
            ))}
          </Stack>
        </Panel>
      )}
      {dependencies.length > 0 && (
        <Panel title="Depends on" sentence="If one is not as it must be, nobody is let in.">
          <List size="sm">
            {dependencies.map(({ feature, enabled, variants: wanted = [] }) => (
              <List.Item key={feature}>
                {feature} is {enabled === false ? "off" : "on"}
                {wanted.length > 0 && ` with ${wanted.join(" or ")}`}
              </List.Item>
            ))}
          </List>
        </Panel>
      )}
    </>
  );
}

function Variants({ variants }: { variants: Variant[] }) {
  return (
    <List size="sm">
      {variants.map((variant) => (
        <List.Item key={variant.name} style={{ overflowWrap: "anywhere" }}>
          {shareWords(variant, variants)} {variant.name}
          {variant.payload && (
            <>
              {" "}
              with <Code>{variant.payload.value}</Code>
            </>
          )}
        </List.Item>
      ))}
    </List>
  );
}
