// Contexts by name, for each kind.
import { Stack, TagsInput, Text } from "@mantine/core";
import { Panel } from "../../ui/Panel";
import { USER } from "../targeting/model";
import type { Members } from "./edit";

type Props = {
  title: string;
  sentence: string;
  members: Members;
  readOnly: boolean;
  onChange: (members: Members) => void;
};

/** More keys than this are not drawn one by one. */
const SHOWN = 500;

export function MembersPanel({ title, sentence, members, readOnly, onChange }: Props) {
  const kinds = [...new Set([USER, ...Object.keys(members)])];
  return (
    <Panel title={title} sentence={sentence}>
      <Stack gap="sm">
        {kinds.map((kind) => {
          const keys = members[kind] ?? [];
          if (keys.length > SHOWN) {
            return (
              <Text key={kind} size="sm">
                {keys.length.toLocaleString("en")} of kind {kind}: too many to show. The API changes them by
                updateMembers.
              </Text>
            );
          }
          return (
            <TagsInput
              key={kind}
              label={`Keys of kind ${kind}`}
              placeholder={keys.length === 0 ? "a key, then Enter" : undefined}
              value={keys}
              onChange={(changed) => onChange({ ...members, [kind]: changed })}
              readOnly={readOnly}
              splitChars={[",", "\n", " "]}
              acceptValueOnBlur
            />
          );
        })}
      </Stack>
    </Panel>
  );
}
