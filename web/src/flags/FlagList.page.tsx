// What is on where?
import { Button, Group, MultiSelect, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link, useSearchParams } from "react-router";
import { usePlace, useTo } from "../app/place";
import { useMay } from "../app/session";
import { PageHead } from "../ui/PageHead";
import { Empty, Failed, Loading } from "../ui/States";
import { CreateFlag } from "./CreateFlag";
import { FlagTable } from "./FlagTable";
import { flagPages } from "./queries/flags";
import { projects } from "./queries/places";

const TYPING_MS = 200;

export default function FlagListPage() {
  const { project } = usePlace();
  const to = useTo();
  const [params, setParams] = useSearchParams();
  const [search, tag] = [params.get("search") ?? "", params.get("tag") ?? ""];
  const [asked] = useDebouncedValue(search, TYPING_MS);
  const filter = { search: asked || undefined, tag: tag || undefined };
  const pages = useInfiniteQuery(flagPages(project, filter));
  const environments = useQuery(projects()).data?.find(({ key }) => key === project)?.environments ?? [];
  const mayCreate = useMay("writer");
  const set = (name: string, value: string | null) =>
    setParams(
      (before) => {
        const after = new URLSearchParams(before);
        if (value) after.set(name, value);
        else after.delete(name);
        return after;
      },
      { replace: true },
    );
  const flags = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  const filtered = asked !== "" || tag !== "";
  const tags = [...new Set([...flags.flatMap((flag) => flag.tags), ...(tag ? [tag] : [])])].sort();
  const create = mayCreate && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => set("create", "flag")}>
      Create a flag
    </Button>
  );
  return (
    <>
      <PageHead
        title="Flags"
        sentence="What is on where."
        actions={
          <>
            <Button component={Link} to={to("/segments")} variant="default">
              Segments
            </Button>
            {create}
          </>
        }
      />
      <CreateFlag opened={mayCreate && params.has("create")} onClose={() => set("create", null)} />
      <Group mb="md" gap="sm">
        <TextInput
          aria-label="Search flags"
          placeholder="Search by key, name or tag"
          leftSection={<IconSearch size={16} />}
          defaultValue={search}
          // The address follows each letter: one that came later would lead back here from a link that was followed.
          onChange={(event) => set("search", event.currentTarget.value)}
          style={{ flex: "1 1 14rem" }}
          maw={420}
        />
        {tags.length > 0 && (
          <MultiSelect
            aria-label="Tag"
            placeholder={tag ? undefined : "Any tag"}
            data={tags}
            value={tag ? [tag] : []}
            onChange={(chosen) => set("tag", chosen.at(-1) ?? null)}
            w={200}
            clearable
          />
        )}
      </Group>
      {pages.isPending && <Loading rows={8} />}
      {pages.isError && <Failed error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && flags.length === 0 && (
        <Empty action={filtered ? undefined : create}>
          {filtered
            ? "No flag is called that."
            : "There are no flags yet. A flag ships code switched off, and switches it on for whom you choose."}
        </Empty>
      )}
      {flags.length > 0 && (
        <FlagTable
          flags={flags}
          environments={environments}
          onEnd={() => pages.hasNextPage && !pages.isFetchingNextPage && void pages.fetchNextPage()}
        />
      )}
    </>
  );
}
