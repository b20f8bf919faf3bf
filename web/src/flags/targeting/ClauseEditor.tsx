// One condition of a rule: whose attribute, how it is compared, with what.
import { Autocomplete, Group, MultiSelect, Select, TagsInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usePlace } from "../../app/place";
import { segments } from "../queries/segments";
import type { Clause } from "./model";
import { RemoveCondition } from "./RemoveCondition";
import classes from "./targeting.module.css";
import { asTexts, example, fromTexts, type Typed, typeOf } from "./values";
import { OPERATORS } from "./words";

type Props = { clause: Clause; first: boolean; onChange: (clause: Clause) => void; onRemove: () => void };

const KINDS = ["user", "organization", "device", "request", "service"];
const ATTRIBUTES = ["key", "email", "name", "country", "anonymous", "version"];
const NEGATED = "!";
const COMPARISONS = Object.entries(OPERATORS).flatMap(([op, [plain, negated]]) => [
  { value: op, label: plain },
  { value: op + NEGATED, label: negated },
]);

export function ClauseEditor({ clause, first, onChange, onRemove }: Props) {
  const compare = (value: string | null) => {
    if (!value) return;
    const negate = value.endsWith(NEGATED);
    const op = (negate ? value.slice(0, -1) : value) as Clause["op"];
    const other = (op === "segmentMatch") !== (clause.op === "segmentMatch");
    onChange({
      ...clause,
      op,
      negate,
      attribute: op === "segmentMatch" ? "" : clause.attribute,
      values: other ? [] : fromTexts(asTexts(clause.values), typeOf({ op, values: clause.values })),
    });
  };
  return (
    <Group className={classes.clause} gap="xs" align="flex-start">
      <span className={classes.word}>{first ? "If" : "and"}</span>
      <Autocomplete
        aria-label="Context kind"
        w={130}
        data={KINDS}
        value={clause.contextKind}
        onChange={(contextKind) => onChange({ ...clause, contextKind })}
      />
      {clause.op !== "segmentMatch" && (
        <Autocomplete
          aria-label="Attribute"
          placeholder="attribute"
          w={140}
          data={ATTRIBUTES}
          value={clause.attribute}
          onChange={(attribute) => onChange({ ...clause, attribute })}
        />
      )}
      <Select
        aria-label="Comparison"
        w={190}
        data={COMPARISONS}
        value={clause.op + (clause.negate ? NEGATED : "")}
        onChange={compare}
        allowDeselect={false}
        searchable
      />
      <Values clause={clause} onChange={(values) => onChange({ ...clause, values })} />
      <RemoveCondition onRemove={onRemove} />
    </Group>
  );
}

type ValuesProps = { clause: Clause; onChange: (values: unknown[]) => void };

function Values({ clause, onChange }: ValuesProps) {
  if (clause.op === "segmentMatch") return <SegmentChoice clause={clause} onChange={onChange} />;
  const type = typeOf(clause);
  return (
    <>
      <TagsInput
        aria-label="Values"
        className={classes.values}
        placeholder={clause.values.length === 0 ? example(clause.op) : undefined}
        value={asTexts(clause.values)}
        onChange={(texts) => onChange(fromTexts(texts, type))}
        splitChars={[",", "\n"]}
        acceptValueOnBlur
      />
      {clause.op === "in" && clause.values.length > 0 && (
        <Select
          aria-label="Type of the values"
          w={110}
          data={["text", "number", "boolean"]}
          value={type}
          allowDeselect={false}
          onChange={(wanted) => onChange(fromTexts(asTexts(clause.values), wanted as Typed))}
        />
      )}
    </>
  );
}

function SegmentChoice({ clause, onChange }: ValuesProps) {
  const list = useQuery(segments(usePlace())).data ?? [];
  return (
    <MultiSelect
      aria-label="Segments"
      className={classes.values}
      placeholder={clause.values.length === 0 ? "choose segments" : undefined}
      data={list.map(({ key, name }) => ({ value: key, label: name }))}
      value={asTexts(clause.values)}
      onChange={onChange}
      nothingFoundMessage="This environment has no segments"
      searchable
    />
  );
}
