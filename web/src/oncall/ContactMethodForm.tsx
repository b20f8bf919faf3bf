// One more way to be reached.
import { Alert, Button, Group, SegmentedControl, Stack, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Copy } from "../ui/Copy";
import { ProblemNote, problemAt } from "../ui/problem";
import { done } from "../ui/toast";
import { useAddContactMethod } from "./queries/setup";

type Kind = "email" | "webhook";

const WHERE = {
  email: { label: "E-mail address", placeholder: "ada@example.com", field: "/address", type: "email" },
  webhook: { label: "URL", placeholder: "https://hooks.example.com/pages", field: "/url", type: "url" },
};

export function ContactMethodForm({ person }: { person: string }) {
  const [kind, setKind] = useState<Kind>("email");
  const [where, setWhere] = useState("");
  const add = useAddContactMethod(person);
  const { label, placeholder, field, type } = WHERE[kind];
  const save = () =>
    add.mutate(kind === "email" ? { kind, address: where } : { kind, url: where }, {
      onSuccess: () => {
        done({ message: `Pages go to ${where} too.` });
        setWhere("");
      },
    });
  return (
    <Stack
      component="form"
      gap="sm"
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <SegmentedControl
        aria-label="What sort of contact method"
        value={kind}
        onChange={(value) => setKind(value as Kind)}
        data={[
          { value: "email", label: "E-mail" },
          { value: "webhook", label: "Signed webhook" },
        ]}
        style={{ alignSelf: "flex-start" }}
      />
      <Group align="flex-start" gap="sm">
        <TextInput
          flex="1 1 16rem"
          label={label}
          type={type}
          placeholder={placeholder}
          required
          value={where}
          onChange={(event) => setWhere(event.currentTarget.value)}
          error={problemAt(add.error, field)}
        />
        <Button type="submit" mt={25} loading={add.isPending}>
          Add
        </Button>
      </Group>
      <ProblemNote error={add.error} except={[field]} />
      {add.data?.secret && (
        <Alert color="ink" title="The signing secret, shown this once">
          <Text size="sm" mb="xs">
            Whatever receives the webhook checks its signature with it, as Standard Webhooks say.
          </Text>
          <Copy text={add.data.secret} label="Copy the secret" />
        </Alert>
      )}
    </Stack>
  );
}
