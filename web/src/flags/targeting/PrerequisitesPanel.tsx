// Other flags that must be on and serve a certain variation.
import { ActionIcon, Button, Group, Select, Stack, Text } from "@mantine/core";
import { useDebouncedValue, useDisclosure } from "@mantine/hooks";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { usePlace, useTo } from "../../app/place";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import { flag, foundFlags } from "../queries/flags";
import { label, type Prerequisite } from "./model";

type Props = {
  own: string;
  list: Prerequisite[];
  readOnly: boolean;
  onChange: (list: Prerequisite[]) => void;
};

export function PrerequisitesPanel({ own, list, readOnly, onChange }: Props) {
  const [adding, { open, close }] = useDisclosure();
  if (list.length === 0 && readOnly) return null;
  return (
    <Panel
      title="Prerequisites"
      sentence={
        list.length === 0
          ? "No other flag must be on."
          : "If one of them does not hold, the flag is as if off."
      }
      actions={!readOnly && !adding && <AddButton onClick={open}>Require a flag</AddButton>}
    >
      <Stack gap="xs">
        {list.map((one) => (
          <Group key={one.key} justify="space-between" wrap="nowrap">
            <Condition flagKey={one.key} variation={one.variation} />
            {!readOnly && (
              <ActionIcon
                variant="subtle"
                color="gray"
                size={32}
                aria-label={`Remove the prerequisite ${one.key}`}
                onClick={() => onChange(list.filter(({ key }) => key !== one.key))}
              >
                <IconTrash size={16} />
              </ActionIcon>
            )}
          </Group>
        ))}
        {!readOnly && adding && (
          <Add
            own={own}
            list={list}
            onChange={(changed) => {
              onChange(changed);
              close();
            }}
          />
        )}
      </Stack>
    </Panel>
  );
}

function Condition({ flagKey: key, variation }: { flagKey: string; variation: number }) {
  const { project } = usePlace();
  const to = useTo();
  const other = useQuery(flag(project, key)).data;
  return (
    <Text size="sm">
      <Link to={to("/flags", key)}>{other?.name ?? key}</Link> must be on and serve “
      {other ? label(other.variations, variation) : `variation ${variation}`}”
    </Text>
  );
}

function Add({ own, list, onChange }: Omit<Props, "readOnly">) {
  const { project } = usePlace();
  const [search, setSearch] = useState("");
  const [asked] = useDebouncedValue(search, 200);
  const found = useQuery(foundFlags(project, asked)).data ?? [];
  const [key, setKey] = useState<string | null>(null);
  const [variation, setVariation] = useState("0");
  const chosen = useQuery({ ...flag(project, key ?? ""), enabled: key !== null }).data;
  const taken = new Set([own, ...list.map((one) => one.key)]);
  const add = () => {
    if (key) onChange([...list, { key, variation: Number(variation) }]);
    setKey(null);
    setSearch("");
  };
  return (
    <Group gap="xs" align="flex-end">
      <Select
        label="Flag"
        placeholder="choose a flag"
        w={240}
        data={found.filter((one) => !taken.has(one.key)).map((one) => ({ value: one.key, label: one.name }))}
        value={key}
        onChange={setKey}
        searchValue={search}
        onSearchChange={setSearch}
        searchable
      />
      <Select
        label="must serve"
        w={160}
        disabled={!chosen}
        data={(chosen?.variations ?? []).map((_, index) => ({
          value: String(index),
          label: label(chosen?.variations ?? [], index),
        }))}
        value={variation}
        onChange={(value) => value && setVariation(value)}
        allowDeselect={false}
      />
      <Button variant="default" leftSection={<IconPlus size={14} />} disabled={!chosen} onClick={add}>
        Require it
      </Button>
    </Group>
  );
}
