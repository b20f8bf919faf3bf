// Who belongs together?
import { Button, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import { usePlace, useTo } from "../../app/place";
import { useMay } from "../../app/session";
import { ListRow, ListTable } from "../../ui/ListTable";
import { PageHead } from "../../ui/PageHead";
import { Empty, Failed, Loading } from "../../ui/States";
import { segments } from "../queries/segments";
import { counted } from "../state";
import { CreateSegment } from "./CreateSegment";
import { size } from "./edit";

export default function SegmentListPage() {
  const place = usePlace();
  const to = useTo();
  const list = useQuery(segments(place));
  const [params, setParams] = useSearchParams();
  const mayCreate = useMay("writer");
  const create = mayCreate && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setParams({ create: "segment" })}>
      Create a segment
    </Button>
  );
  return (
    <>
      <PageHead
        title="Segments"
        sentence={`Contexts of ${place.environment} that belong together, so that many flags can name them at once.`}
        actions={create}
      />
      <CreateSegment opened={mayCreate && params.has("create")} onClose={() => setParams({})} />
      {list.isPending && <Loading />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.data?.length === 0 && (
        <Empty action={create}>
          There are none yet. A segment called internal is where releases begin: your own people see a change
          first.
        </Empty>
      )}
      {list.data && list.data.length > 0 && (
        <ListTable label="Segments" heads={["Segment", "Who"]}>
          {list.data.map(({ key, name, description, included, rules, unbounded }) => (
            <ListRow
              key={key}
              to={to("/segments", key)}
              name={name}
              below={
                <Text size="xs" c="dimmed">
                  <Text span inherit ff="monospace">
                    {key}
                  </Text>{" "}
                  {description}
                </Text>
              }
            >
              <Table.Td>
                {[
                  unbounded ? "a big segment" : counted(size(included), "member"),
                  counted(rules?.length ?? 0, "rule"),
                ]
                  .filter(Boolean)
                  .join(", ") || "nobody"}
              </Table.Td>
            </ListRow>
          ))}
        </ListTable>
      )}
    </>
  );
}
