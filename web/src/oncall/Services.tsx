// Services: what people are on call for.
import { Select, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Schema } from "../api/schema";
import { usePlace } from "../app/place";
import { problemAt } from "../ui/problem";
import { Failed, Loading } from "../ui/States";
import { done } from "../ui/toast";
import { Editable } from "./Editable";
import { FormEnd } from "./FormEnd";
import { type Draft, policies, services, useSaveService } from "./queries/setup";

type Service = Schema["ServiceView"];

export function Services() {
  const list = useQuery(services);
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  return (
    <Editable
      title="Services"
      sentence="What people are on call for. Alerts and releases name a service."
      add="Add a service"
      items={list.data}
      nameOf={({ name }) => name}
      words={(service) => (
        <>
          {service.description && <Text size="sm">{service.description}</Text>}
          <Text size="sm" c="dimmed">
            Paged by {service.policy}
            {service.project &&
              `; runs in ${[service.project, service.environment].filter(Boolean).join(", ")}`}
          </Text>
        </>
      )}
      form={(service, close) => <ServiceForm service={service} close={close} />}
    />
  );
}

function ServiceForm({ service, close }: { service?: Service; close: () => void }) {
  const place = usePlace();
  const [fields, setFields] = useState<Draft<Service>>(
    () => service ?? { key: "", name: "", description: "", policy: "default", ...place },
  );
  const known = useQuery(policies).data ?? [];
  const save = useSaveService();
  const set = (some: Partial<Service>) => setFields((all) => ({ ...all, ...some }));
  const at = (pointer: string) => problemAt(save.error, pointer);
  return (
    <Stack
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(fields, {
          onSuccess: () => {
            done({ message: `${fields.name} is saved.` });
            close();
          },
        });
      }}
    >
      {!service && (
        <TextInput
          label="Key"
          description="For programs; it cannot be changed."
          required
          value={fields.key}
          onChange={(event) => set({ key: event.currentTarget.value })}
          error={at("/key")}
        />
      )}
      <TextInput
        label="Name"
        required
        value={fields.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
        error={at("/name")}
      />
      <Textarea
        label="What it does"
        autosize
        value={fields.description}
        onChange={(event) => set({ description: event.currentTarget.value })}
      />
      <Select
        label="Escalation policy"
        required
        allowDeselect={false}
        data={known.map(({ key, name }) => ({ value: key, label: name }))}
        value={fields.policy}
        onChange={(policy) => policy && set({ policy })}
        error={at("/policy")}
      />
      <TextInput
        label="Project"
        description="Changes made there are the suspects when it breaks."
        value={fields.project ?? ""}
        onChange={(event) => set({ project: event.currentTarget.value || undefined })}
        error={at("/project")}
      />
      <TextInput
        label="Environment"
        value={fields.environment ?? ""}
        onChange={(event) => set({ environment: event.currentTarget.value || undefined })}
        error={at("/environment")}
      />
      <FormEnd
        error={save.error}
        except={["/key", "/name", "/policy", "/project", "/environment"]}
        saving={save.isPending}
        onCancel={close}
      />
    </Stack>
  );
}
