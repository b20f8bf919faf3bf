// The project, its environments, and the keys by which SDKs name them.
import { Badge, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { address, usePlace } from "../../app/place";
import { useMay } from "../../app/session";
import { AddButton } from "../../ui/AddButton";
import { Panel } from "../../ui/Panel";
import { Failed, Loading } from "../../ui/States";
import { ImportPanel } from "../import/Import";
import { type Environment, environmentOf, type Project, projects } from "../queries/places";
import { EditEnvironment } from "./EditEnvironment";
import { EnvironmentForm, ProjectForm } from "./forms";
import { Keys } from "./Keys";
import { SecureMode } from "./SecureMode";

export default function ProjectPage() {
  const place = usePlace();
  const list = useQuery(projects());
  const mayWrite = useMay("writer");
  const admin = useMay("admin");
  if (list.isPending) return <Loading />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  const here = list.data.find(({ key }) => key === place.project);
  const environment = environmentOf(list.data, place);
  return (
    <Stack>
      {mayWrite && <Keys />}
      {environment && <SecureMode environment={environment} />}
      {here && <Environments project={here} />}
      {here && admin && <ImportPanel />}
      <Projects list={list.data} />
    </Stack>
  );
}

function Environments({ project }: { project: Project }) {
  const admin = useMay("admin");
  const [opened, { open, close }] = useDisclosure();
  return (
    <Panel
      title={`Environments of ${project.name}`}
      sentence="The same flags; each environment turns them on for itself."
      actions={admin && <AddButton onClick={open}>Add an environment</AddButton>}
    >
      <EnvironmentForm project={project.key} opened={opened} onClose={close} />
      <Table verticalSpacing="sm" aria-label="Environments">
        <Table.Tbody>
          {project.environments.map((environment) => (
            <EnvironmentRow key={environment.key} project={project.key} environment={environment} />
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}

function EnvironmentRow({ project, environment }: { project: string; environment: Environment }) {
  const mayWrite = useMay("writer");
  const [editing, { open, close }] = useDisclosure();
  const { key, name, production } = environment;
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs">
          <Link to={address({ project, environment: key }, "/settings/project")}>{name}</Link>
          {production && (
            <Badge variant="outline" tt="none" color="var(--production)">
              Customers see it
            </Badge>
          )}
        </Group>
      </Table.Td>
      <Table.Td>
        <Text size="sm" c="dimmed" ff="monospace">
          {key}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        {mayWrite && (
          <Button size="compact-xs" variant="default" onClick={open} aria-label={`Edit ${name}`}>
            Edit
          </Button>
        )}
        {editing && <EditEnvironment project={project} environment={environment} onClose={close} />}
      </Table.Td>
    </Table.Tr>
  );
}

function Projects({ list }: { list: Project[] }) {
  const admin = useMay("admin");
  const [opened, { open, close }] = useDisclosure();
  return (
    <Panel
      title="Projects"
      sentence="A product with flags of its own."
      actions={admin && <AddButton onClick={open}>Add a project</AddButton>}
    >
      <ProjectForm opened={opened} onClose={close} />
      <Table verticalSpacing="sm" aria-label="Projects">
        <Table.Tbody>
          {list.map(({ key, name, description, environments }) => (
            <Table.Tr key={key}>
              <Table.Td>
                <Link to={address({ project: key, environment: environments[0]?.key ?? "" }, "/flags")}>
                  {name}
                </Link>
                {description && (
                  <Text size="sm" c="dimmed">
                    {description}
                  </Text>
                )}
              </Table.Td>
              <Table.Td>
                <Text size="sm" c="dimmed" ff="monospace">
                  {key}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
