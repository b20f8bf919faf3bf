// Something to take along: shown whole, copied by one click.
import { ActionIcon, Code, CopyButton, Group, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";

type Props = { text: string; label: string; block?: boolean; hidden?: boolean };

/** `label` says what is copied; `hidden` shows dots in its place. */
export function Copy({ text, label, block = false, hidden = false }: Props) {
  return (
    <Group gap="xs" wrap="nowrap" align={block ? "flex-start" : "center"}>
      <Code
        block={block}
        tabIndex={block ? 0 : undefined}
        style={{ overflowX: "auto", flex: block ? 1 : undefined, minWidth: 0 }}
      >
        {hidden ? "•".repeat(12) : text}
      </Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Tooltip label={copied ? "Copied" : label}>
            <ActionIcon variant="subtle" color="gray" onClick={copy} aria-label={copied ? "Copied" : label}>
              {copied ? <IconCheck size={16} /> : <IconCopy size={16} />}
            </ActionIcon>
          </Tooltip>
        )}
      </CopyButton>
    </Group>
  );
}
