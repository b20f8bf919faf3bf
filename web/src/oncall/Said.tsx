// What a tap came to.
import { Alert } from "@mantine/core";
import { IconCheck, IconInfoCircle } from "@tabler/icons-react";
import type { Schema } from "../api/schema";

export function Said({ answer }: { answer: Schema["Answer"] | undefined }) {
  return (
    <div role="status" style={answer ? undefined : { display: "contents" }}>
      {answer && (
        <Alert
          variant="default"
          icon={answer.outcome === "done" ? <IconCheck color="var(--healthy)" /> : <IconInfoCircle />}
          title={answer.sentence}
        />
      )}
    </div>
  );
}
