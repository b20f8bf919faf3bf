// How somebody is reached: first choice first, each with a test.
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "../api/schema";
import { useMay, useMe } from "../app/session";
import { Confirm } from "../ui/Confirm";
import { Instant } from "../ui/Instant";
import { MeaningLabel } from "../ui/Meaning";
import { Panel } from "../ui/Panel";
import { Empty, Failed, Loading } from "../ui/States";
import { done } from "../ui/toast";
import { ContactMethodForm } from "./ContactMethodForm";
import classes from "./oncall.module.css";
import { contactMethods, people, useDeleteContactMethod, useTestContactMethod } from "./queries/setup";

type Method = Schema["ContactMethodView"];

export function ContactMethods() {
  const mine = useMe()?.person?.id;
  const admin = useMay("admin");
  const everybody = useQuery(people).data ?? [];
  const [chosen, setChosen] = useState<string>();
  const person = chosen ?? mine;
  return (
    <Stack>
      {admin && (
        <Select
          label="Whose"
          maw="20rem"
          searchable
          allowDeselect={false}
          data={everybody.map(({ id, name }) => ({ value: id, label: id === mine ? `${name} (you)` : name }))}
          value={person ?? null}
          onChange={(id) => id && setChosen(id)}
        />
      )}
      {person ? <Methods key={person} person={person} /> : <Empty>A token is not paged.</Empty>}
    </Stack>
  );
}

function Methods({ person }: { person: string }) {
  const list = useQuery(contactMethods(person));
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  return (
    <Panel
      title="Contact methods"
      sentence="A page goes to the first; when it fails, to the next as well. Urgent pages go to all."
    >
      {list.data.length === 0 && (
        <Text size="sm" c="var(--regressed)">
          There is none: this person cannot be paged.
        </Text>
      )}
      <Stack component="ul" gap={0} className={classes.plain} mb="md">
        {list.data.map((method) => (
          <One key={method.id} person={person} method={method} />
        ))}
      </Stack>
      <ContactMethodForm person={person} />
    </Panel>
  );
}

function One({ person, method }: { person: string; method: Method }) {
  const test = useTestContactMethod(person);
  const remove = useDeleteContactMethod(person, () => done({ message: "Pages no longer go there." }));
  const where = method.address ?? method.url ?? "";
  return (
    <Group component="li" className={classes.item} justify="space-between" gap="xs">
      <Stack gap={2} flex="1 1 14rem" miw={0}>
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {method.kind === "email" ? "E-mail to" : "Webhook to"} {where}
        </Text>
        <Proof method={method} />
      </Stack>
      <Group gap="xs">
        <Button
          size="xs"
          variant="default"
          aria-label={`Send a test to ${where}`}
          loading={test.isPending}
          onClick={() =>
            test.mutate(method.id, {
              onSuccess: () => done({ message: `A test is on its way to ${where}.` }),
            })
          }
        >
          Send a test
        </Button>
        <Confirm
          verb={`Delete ${where}`}
          size="xs"
          variant="default"
          color="red"
          consequence="Pages no longer go there. It can be added again."
          onConfirm={() => remove.mutate(method.id)}
        >
          Delete
        </Confirm>
      </Group>
    </Group>
  );
}

function Proof({ method: { provenAt, lastError } }: { method: Method }) {
  if (lastError) return <MeaningLabel meaning="regressed">The last attempt failed: {lastError}</MeaningLabel>;
  if (!provenAt) return <MeaningLabel meaning="unknown">Not tried yet</MeaningLabel>;
  return (
    <MeaningLabel meaning="healthy">
      Took a message <Instant at={provenAt} />
    </MeaningLabel>
  );
}
