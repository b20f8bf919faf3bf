// One thing that is going on; the whole card leads there.
import { Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "react-router";
import classes from "./now.module.css";

type Props = { to: string; title: string; label: ReactNode; sentence: ReactNode; children?: ReactNode };

export function Card({ to, title, label, sentence, children }: Props) {
  return (
    <article className={classes.card}>
      <Stack gap="xs">
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <h2 className={classes.title}>
            <Link to={to} className={classes.cover}>
              {title}
            </Link>
          </h2>
          {label}
        </Group>
        {sentence && <Text size="sm">{sentence}</Text>}
        {children}
      </Stack>
    </article>
  );
}
