// Other flags by Unleash's rules that must be on, or off, before anybody is let in.
import { Group, MultiSelect, Select, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { usePlace, useTo } from "../../app/place";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import { flag } from "../queries/flags";
import { AddDependency } from "./AddDependency";
import { dependencyWords, variantsOf } from "./dependencies";
import { Mend } from "./Mend";
import type { Dependency } from "./model";
import { useRefusedAt } from "./refused";
import { Tool } from "./Tool";
import classes from "./targeting.module.css";

type Props = {
  own: string;
  list: Dependency[];
  readOnly: boolean;
  onChange: (list: Dependency[]) => void;
};

export function DependenciesPanel({ own, list, readOnly, onChange }: Props) {
  const [adding, { open, close }] = useDisclosure();
  const refused = useRefusedAt("/dependencies");
  if (list.length === 0 && readOnly) return null;
  return (
    <Panel
      title="Depends on"
      sentence={
        list.length === 0 ? "No other flag." : "If one of them is not as it must be, nobody is let in."
      }
      actions={!readOnly && !adding && <AddButton onClick={open}>Depend on a flag</AddButton>}
    >
      <Stack gap="xs">
        {list.map((one, at) => (
          <DependencyRow
            key={one.feature}
            dependency={one}
            readOnly={readOnly}
            onChange={(changed) => onChange(list.map((other, index) => (index === at ? changed : other)))}
            onRemove={() => onChange(list.filter((_, index) => index !== at))}
          />
        ))}
        {refused && <Mend>{refused}</Mend>}
        {!readOnly && adding && (
          <AddDependency
            own={own}
            list={list}
            onAdd={(one) => {
              onChange([...list, one]);
              close();
            }}
            onCancel={close}
          />
        )}
      </Stack>
    </Panel>
  );
}

type RowProps = {
  dependency: Dependency;
  readOnly: boolean;
  onChange: (dependency: Dependency) => void;
  onRemove: () => void;
};

function DependencyRow({ dependency, readOnly, onChange, onRemove }: RowProps) {
  const { project } = usePlace();
  const to = useTo();
  const { feature } = dependency;
  const parent = useQuery(flag(project, feature)).data;
  const link = <Link to={to("/flags", feature)}>{parent?.name ?? feature}</Link>;
  if (readOnly) {
    return (
      <Text size="sm" style={{ overflowWrap: "anywhere" }}>
        {link} {dependencyWords(dependency)}
      </Text>
    );
  }
  return (
    <Group gap="xs" align="flex-start" wrap="nowrap" className={classes.rule}>
      <Group gap="xs" align="flex-start" style={{ flex: "1 1 auto", minWidth: 0 }}>
        <Text size="sm" lh="2.25rem" style={{ overflowWrap: "anywhere" }}>
          {link}
        </Text>
        <Needed dependency={dependency} onChange={onChange} />
      </Group>
      <Tool label={`Depend no longer on ${feature}`} icon={IconTrash} onClick={onRemove} />
    </Group>
  );
}

const STATES = [
  { value: "on", label: "on" },
  { value: "off", label: "off" },
];

/** How the other flag must be: on, perhaps with certain variants, or off. */
function Needed({ dependency, onChange }: Pick<RowProps, "dependency" | "onChange">) {
  const { project, environment } = usePlace();
  const { feature, enabled = true, variants = [] } = dependency;
  const parent = useQuery(flag(project, feature)).data;
  const known = variantsOf(parent, environment);
  // Of a flag that is off there are no variants.
  const set = (on: boolean) =>
    onChange(on ? { feature, enabled: true, variants } : { feature, enabled: false });
  return (
    <>
      <span className={classes.word}>must be</span>
      <Select
        aria-label={`How ${feature} must be`}
        w={80}
        data={STATES}
        value={enabled ? "on" : "off"}
        onChange={(state) => set(state === "on")}
        allowDeselect={false}
      />
      {enabled && (known.length > 0 || variants.length > 0) && (
        <>
          <span className={classes.word}>with</span>
          <MultiSelect
            aria-label={`Variants of ${feature}`}
            className={classes.values}
            placeholder={variants.length === 0 ? "any variant" : undefined}
            data={[...new Set([...known, ...variants])]}
            value={variants}
            onChange={(chosen) => onChange({ ...dependency, variants: chosen })}
            clearable
          />
        </>
      )}
    </>
  );
}
