// What is watched while a release walks?
import { Button, Code, Table, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate, useSearchParams } from "react-router";
import { usePlace, useTo } from "../app/place";
import { useMay } from "../app/session";
import { ListRow, ListTable } from "../ui/ListTable";
import { PageHead } from "../ui/PageHead";
import { Empty, Failed, Loading } from "../ui/States";
import { MetricForm } from "./MetricForm";
import { metricPages, useCreateMetric } from "./queries";

export default function MetricListPage() {
  const { project } = usePlace();
  const to = useTo();
  const navigate = useNavigate();
  const pages = useInfiniteQuery(metricPages(project));
  const create = useCreateMetric(project);
  const [params, setParams] = useSearchParams();
  const mayCreate = useMay("writer");
  const metrics = pages.data?.pages.flatMap(({ items }) => items) ?? [];
  const button = mayCreate && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setParams({ create: "metric" })}>
      Define a metric
    </Button>
  );
  return (
    <>
      <PageHead title="Metrics" sentence="What is watched while a release walks." actions={button} />
      <MetricForm
        title="Define a metric"
        opened={mayCreate && params.has("create")}
        onClose={() => setParams({})}
        error={create.error}
        pending={create.isPending}
        onSubmit={(metric) =>
          create.mutate(metric, { onSuccess: ({ key }) => navigate(to("/metrics", key)) })
        }
      />
      {pages.isPending && <Loading />}
      {pages.isError && <Failed error={pages.error} retry={() => void pages.refetch()} />}
      {pages.isSuccess && metrics.length === 0 && (
        <Empty action={button}>
          There are no metrics yet. A metric counts an event that your code tracks, such as a failed payment;
          a release is taken back when the new variation has more of them.
        </Empty>
      )}
      {metrics.length > 0 && (
        <ListTable label="Metrics" heads={["Metric", "Bad when it occurs"]}>
          {metrics.map(({ key, name, description, eventKey }) => (
            <ListRow
              key={key}
              to={to("/metrics", key)}
              name={name}
              below={
                description && (
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {description}
                  </Text>
                )
              }
            >
              <Table.Td>
                <Code>{eventKey}</Code>
              </Table.Td>
            </ListRow>
          ))}
        </ListTable>
      )}
      {pages.hasNextPage && (
        <Button
          variant="default"
          mt="md"
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show more
        </Button>
      )}
    </>
  );
}
