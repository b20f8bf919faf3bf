// A list of things that can be opened: j and k move, Enter opens.
import { Table } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { type ReactNode, useRef } from "react";
import { Link } from "react-router";
import classes from "./ListTable.module.css";

type Props = {
  label: string;
  heads: ReactNode[];
  /** At phone width only so many columns; their cells hide themselves by `visibleFrom="sm"`. */
  narrow?: number;
  children: ReactNode;
};

/** Its children are `ListRow`s. */
export function ListTable({ label, heads, narrow = heads.length, children }: Props) {
  const body = useRef<HTMLTableSectionElement>(null);
  useHotkeys([
    ["j", () => move(body.current, 1)],
    ["k", () => move(body.current, -1)],
  ]);
  return (
    <Table.ScrollContainer minWidth={0} type="native">
      <Table verticalSpacing="sm" highlightOnHover aria-label={label}>
        <Table.Thead>
          <Table.Tr>
            {heads.map((head, column) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns do not move
              <Table.Th key={column} visibleFrom={column < narrow ? undefined : "sm"}>
                {head}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody ref={body}>{children}</Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

type RowProps = {
  to: string;
  name: ReactNode;
  below?: ReactNode;
  /** In a list of which only the rows in sight are drawn: its place, and who wants to know its height. */
  place?: { index: number; measure: (row: Element | null) => void };
  children?: ReactNode;
};

/** A row whose first cell is the link; `children` are its other cells. */
export function ListRow({ to, name, below, place, children }: RowProps) {
  return (
    <Table.Tr className={classes.row} ref={place?.measure} data-index={place?.index}>
      <Table.Td>
        <Link to={to} className={classes.link} data-list-link>
          {name}
        </Link>
        {below}
      </Table.Td>
      {children}
    </Table.Tr>
  );
}

function move(body: HTMLElement | null, step: 1 | -1) {
  const links = [...(body?.querySelectorAll<HTMLElement>("[data-list-link]") ?? [])];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = at === -1 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1);
  links[next]?.focus();
}
