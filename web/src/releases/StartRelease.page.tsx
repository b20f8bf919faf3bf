// Starts a release; a plain text says what will happen.
import { Button, Group, Select, SimpleGrid, Stack, Textarea } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { usePlace, useTo } from "../app/place";
import { PageHead } from "../ui/PageHead";
import { Panel } from "../ui/Panel";
import { ProblemNote, problemAt } from "../ui/problem";
import { done } from "../ui/toast";
import { FlagSelect } from "./FlagSelect";
import { Forecast } from "./Forecast";
import { GuardFields } from "./GuardFields";
import { flag, metrics, pipelines, services } from "./queries/choices";
import { useStart } from "./queries/releases";
import type { Guard } from "./words";

const FIELDS = ["/flag", "/treatment", "/control", "/pipeline", "/service", "/comment"];

export default function StartRelease() {
  const [search] = useSearchParams();
  const [key, setKey] = useState(search.get("flag") ?? "");
  return (
    <Stack maw="60rem">
      <PageHead
        title="Start a release"
        sentence="A flag goes from a few people to everyone, step by step, as long as nothing gets worse."
      />
      <FlagSelect value={key} onChange={setKey} />
      {key !== "" && <Form key={key} flagKey={key} />}
    </Stack>
  );
}

type Fields = {
  treatment: string;
  control: string;
  pipeline: string;
  guards: Guard[];
  service: string | null;
  comment: string;
};

const FRESH: Fields = {
  treatment: "0",
  control: "1",
  pipeline: "standard",
  guards: [],
  service: null,
  comment: "",
};

function Form({ flagKey }: { flagKey: string }) {
  const place = usePlace();
  const to = useTo();
  const navigate = useNavigate();
  const [fields, setFields] = useState(FRESH);
  const variations = useQuery(flag(place.project, flagKey)).data?.variations ?? [];
  const ways = useQuery(pipelines(place.project)).data ?? [];
  const measured = useQuery(metrics(place.project)).data ?? [];
  const known = useQuery(services).data ?? [];
  const start = useStart(place);
  const set = (some: Partial<Fields>) => setFields((all) => ({ ...all, ...some }));
  const at = (pointer: string) => problemAt(start.error, pointer);
  const nameOf = (index: string) => named(variations[Number(index)]);
  const options = variations.map((variation, index) => ({ value: String(index), label: named(variation) }));
  const { treatment, control, pipeline, guards, service, comment } = fields;
  const steps = ways.find(({ key }) => key === pipeline)?.steps ?? [];
  const submit = () =>
    start.mutate(
      {
        flag: flagKey,
        treatment: Number(treatment),
        control: Number(control),
        pipeline,
        guards,
        service: service ?? undefined,
        comment,
      },
      {
        onSuccess: ({ id }) => {
          done({ message: `The release of ${flagKey} is under way.` });
          navigate(to("/releases", id));
        },
      },
    );
  return (
    <Stack
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label="What is new"
          data={options}
          allowDeselect={false}
          value={treatment}
          onChange={(value) => value && set({ treatment: value })}
          error={at("/treatment")}
        />
        <Select
          label="What was"
          data={options}
          allowDeselect={false}
          value={control}
          onChange={(value) => value && set({ control: value })}
          error={at("/control")}
        />
        <Select
          label="Pipeline"
          data={ways.map(({ key, name }) => ({ value: key, label: name }))}
          allowDeselect={false}
          value={pipeline}
          onChange={(value) => value && set({ pipeline: value })}
          error={at("/pipeline")}
        />
        <Select
          label="Service"
          description="Whose people are paged."
          inputWrapperOrder={["label", "input", "description", "error"]}
          placeholder="The default service"
          clearable
          data={known.map(({ key, name }) => ({ value: key, label: name }))}
          value={service}
          onChange={(value) => set({ service: value })}
          error={at("/service")}
        />
      </SimpleGrid>
      <Panel title="Guards" sentence="Metrics that must not get worse for those who have what is new.">
        <GuardFields
          guards={guards}
          metrics={measured}
          errorAt={at}
          onChange={(all) => set({ guards: all })}
        />
      </Panel>
      <Textarea
        label="Why (optional)"
        autosize
        value={comment}
        onChange={(event) => set({ comment: event.currentTarget.value })}
        error={at("/comment")}
      />
      {steps.length > 0 && variations.length > 0 && (
        <Forecast
          steps={steps}
          treatment={nameOf(treatment)}
          control={nameOf(control)}
          guards={guards}
          nameOf={(metric) => measured.find(({ key }) => key === metric)?.name ?? metric}
          service={known.find(({ key }) => key === service)?.name}
        />
      )}
      <ProblemNote
        error={start.error}
        except={[...FIELDS, ...guards.map((_, place) => `/guards/${place}`)]}
      />
      <Group justify="flex-end">
        <Button
          type="submit"
          leftSection={<IconPlayerPlay size={18} />}
          loading={start.isPending}
          disabled={guards.length === 0}
        >
          Start the release
        </Button>
      </Group>
    </Stack>
  );
}

function named(variation: { name?: string; value: unknown } | undefined): string {
  return variation?.name || JSON.stringify(variation?.value) || "?";
}
