// There is nothing at this address.
import { Button } from "@mantine/core";
import { Link } from "react-router";
import { PageHead } from "../ui/PageHead";
import { usePlace, useTo } from "./place";

export function NotFound() {
  const { project } = usePlace();
  const to = useTo();
  return (
    <PageHead
      title="Nothing is here"
      sentence="The address leads nowhere. What stood here may have been renamed or deleted."
      actions={
        <Button component={Link} to={project ? to("/now") : "/"}>
          Go to Now
        </Button>
      }
    />
  );
}
