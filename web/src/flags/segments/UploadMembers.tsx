// Replaces all members of a big segment by a file, and shows how far that has come.
import { Button, FileButton, Group, Progress, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { usePlace } from "../../app/place";
import { Confirm } from "../../ui/Confirm";
import { Instant } from "../../ui/Instant";
import { Panel } from "../../ui/Panel";
import { ProblemNote } from "../../ui/problem";
import { done } from "../../ui/toast";
import { type UploadView, underWay, uploads, useCancelUpload, useUploadMembers } from "../queries/members";
import { percentDone, words } from "./upload";

type Props = { segment: string; readOnly: boolean };

export function UploadMembers({ segment, readOnly }: Props) {
  const place = usePlace();
  const list = useQuery(uploads(place, segment));
  const upload = useUploadMembers(place, segment);
  const [file, setFile] = useState<File | null>(null);
  const [latest] = list.data ?? [];
  const busy = upload.isPending || (latest !== undefined && underWay(latest));
  const send = (chosen: File) => {
    setFile(null);
    // What is shown comes from the server, which knows of the upload as soon as it begins.
    setTimeout(() => void list.refetch(), 300);
    upload.mutate(chosen, { onSuccess: (view) => done({ message: words(view) }) });
  };
  return (
    <Panel
      title="Upload"
      sentence="A CSV file: one key a line, or a column named key and perhaps a column list (included, excluded)."
    >
      <Stack gap="sm">
        {!readOnly && (
          <Group gap="xs">
            <FileButton onChange={setFile} accept=".csv,.txt,text/csv,text/plain">
              {(props) => (
                <Button {...props} variant="default" disabled={busy}>
                  Choose a file
                </Button>
              )}
            </FileButton>
            {file && (
              <Confirm
                verb={`Replace all members by ${file.name}`}
                consequence="All members that there are now are replaced at once, when the whole file is read and right. It cannot be undone: keep the file that you uploaded last."
                onConfirm={() => send(file)}
              />
            )}
          </Group>
        )}
        <ProblemNote error={upload.error} />
        {latest && <Latest segment={segment} upload={latest} readOnly={readOnly} />}
      </Stack>
    </Panel>
  );
}

function Latest({ segment, upload, readOnly }: { segment: string; upload: UploadView; readOnly: boolean }) {
  const cancel = useCancelUpload(usePlace(), segment);
  const percent = percentDone(upload);
  const running = underWay(upload);
  return (
    <Stack gap={4} aria-live="polite">
      {running && (
        <Progress
          value={percent ?? 100}
          animated={percent === null || upload.state === "staged"}
          aria-label={percent === null ? "Upload under way" : `Upload: ${Math.floor(percent)} %`}
        />
      )}
      <Group justify="space-between">
        <Text size="sm">
          {words(upload)} Begun <Instant at={upload.createdAt} /> by {upload.actor.name || "the system"}.
        </Text>
        {running && !readOnly && (
          <Button
            size="xs"
            variant="default"
            loading={cancel.isPending}
            onClick={() => cancel.mutate(upload.id)}
          >
            Cancel the upload
          </Button>
        )}
      </Group>
      <ProblemNote error={cancel.error} />
    </Stack>
  );
}
