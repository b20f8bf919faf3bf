// Escalation policies: whom to page, in which order, after which delays.
import { List, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Schema } from "../api/schema";
import { Confirm } from "../ui/Confirm";
import { Failed, Loading } from "../ui/States";
import { done } from "../ui/toast";
import { Editable } from "./Editable";
import { PolicyForm } from "./PolicyForm";
import { people, policies, schedules, useDeletePolicy } from "./queries/setup";
import { delay, target, upper } from "./words";

type Policy = Schema["PolicyView"];

export function Policies() {
  const list = useQuery(policies);
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  return (
    <Editable
      title="Escalation policies"
      sentence="Levels are paged one after the other until somebody acknowledges; then the catch-all."
      add="Add a policy"
      items={list.data}
      nameOf={({ name }) => name}
      words={(policy) => <Levels policy={policy} />}
      actions={(policy) => policy.deletable && <Delete policy={policy} />}
      form={(policy, close) => <PolicyForm policy={policy} close={close} />}
    />
  );
}

function Levels({ policy: { levels, repeat } }: { policy: Policy }) {
  const known = { people: useQuery(people).data ?? [], schedules: useQuery(schedules).data ?? [] };
  return (
    <>
      <List type="ordered" size="sm">
        {levels.map((level, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a level is its place
          <List.Item key={place}>
            {upper(level.targets.map((one) => target(one, known)).join(" and ") || "nobody")}, for{" "}
            {delay(level.delaySeconds)}
          </List.Item>
        ))}
      </List>
      {repeat > 0 && (
        <Text size="sm" c="dimmed">
          Walked {repeat + 1} times in all.
        </Text>
      )}
    </>
  );
}

function Delete({ policy: { key, name } }: { policy: Policy }) {
  const remove = useDeletePolicy(() => done({ message: `${name} is deleted.` }));
  return (
    <Confirm
      verb={`Delete ${name}`}
      word={key}
      size="xs"
      variant="default"
      color="red"
      consequence="It cannot be brought back. It is refused while a service is paged by it; open incidents keep the policy that they began with."
      onConfirm={() => remove.mutate(key)}
    >
      Delete
    </Confirm>
  );
}
