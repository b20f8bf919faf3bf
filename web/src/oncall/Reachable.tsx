// Whom each service would page now, level by level, and who could not be reached.
import { List, Stack, Text } from "@mantine/core";
import type { Schema } from "../api/schema";
import { MeaningLabel } from "../ui/Meaning";
import { Panel } from "../ui/Panel";
import classes from "./oncall.module.css";
import { names, upper } from "./words";

export function Reachable({ services }: { services: Schema["ServiceDuty"][] }) {
  return (
    <Panel title="If something broke now" sentence="Who would be paged for each service, level by level.">
      <Stack component="ul" gap={0} className={classes.plain}>
        {services.map(({ service, name, levels }) => (
          <Stack key={service} component="li" className={classes.item} gap={4}>
            <Text size="sm" fw={600}>
              {name}
            </Text>
            <List type="ordered" size="sm">
              {levels.map(({ people, missing }, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
                <List.Item key={place}>
                  {people.length === 0 ? (
                    <MeaningLabel meaning="regressed">Nobody can be reached</MeaningLabel>
                  ) : (
                    upper(names(people))
                  )}
                  {missing.map((why) => (
                    <Text key={why} size="xs" c="var(--suspect)">
                      {upper(why)}
                    </Text>
                  ))}
                </List.Item>
              ))}
            </List>
          </Stack>
        ))}
      </Stack>
    </Panel>
  );
}
