import { useEffect, useId, useRef, useState } from "react";
import { terminalAddress, terminalRefusal } from "~/api/terminal";
import { Button } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { Keys } from "~/ui/Keys";
import { Status } from "~/ui/Status";
import { type Connection, type ConnectionState, connect } from "./connection";
import { rememberedSession, rememberSession } from "./remembered";
import type { Screen } from "./screen";
import css from "./TerminalPanel.module.css";
import { useDark } from "./useDark";
import { useScreenReader } from "./useScreenReader";
import { next, stateLine } from "./words";

interface TerminalPanelProps {
  workspaceId: string;
  component: string;
}

/** A shell in a component. Another component is another panel. */
export function TerminalPanel({ workspaceId, component }: TerminalPanelProps) {
  const [state, setState] = useState<ConnectionState>({ kind: "connecting" });
  const [round, setRound] = useState(0);
  const [screenReader, setScreenReader] = useScreenReader();
  const dark = useDark();
  const parent = useRef<HTMLDivElement>(null);
  const screen = useRef<Screen>(undefined);
  const exit = useRef<HTMLDivElement>(null);
  const looks = useRef({ dark, screenReader });
  const hint = useId();

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new round is a new connection
  useEffect(() => {
    const leave = new AbortController();
    let connection: Connection | undefined;
    void import("./screen").then(({ openScreen }) => {
      if (leave.signal.aborted || !parent.current) return;
      const opened = openScreen({
        ...looks.current,
        parent: parent.current,
        label: `Terminal of ${component}`,
        onKeys: (bytes) => connection?.send(bytes),
        onResize: (cols, rows) => connection?.resize(cols, rows),
        onLeave: () => exit.current?.focus(),
      });
      screen.current = opened;
      connection = connect(
        {
          address: (session, signal) => {
            const { cols, rows } = opened.size();
            const size = { cols: String(cols), rows: String(rows) };
            return terminalAddress(workspaceId, { component, ...size, ...(session && { session }) }, signal);
          },
          refusal: (signal) => terminalRefusal(workspaceId, { component }, signal),
          onState: setState,
          onBegin(session) {
            rememberSession(workspaceId, component, session);
            // What was shown before comes again, or belonged to another shell.
            opened.reset();
            opened.focus();
            const { cols, rows } = opened.size();
            connection?.resize(cols, rows);
          },
          onBytes: (bytes) => opened.write(bytes),
          onEnd: () => rememberSession(workspaceId, component, undefined),
        },
        rememberedSession(workspaceId, component),
      );
    });
    return () => {
      leave.abort();
      connection?.close();
      screen.current?.dispose();
      screen.current = undefined;
    };
  }, [workspaceId, component, round]);

  useEffect(() => {
    looks.current = { dark, screenReader };
    screen.current?.show({ dark, screenReader });
  }, [dark, screenReader]);

  const again = next(state);
  return (
    <section className={css.frame} data-dark={dark || undefined} aria-label={`Terminal of ${component}`}>
      <div className={css.bar} ref={exit} tabIndex={-1}>
        <span className={css.state} role="status">
          <Status {...stateLine(state)} />
        </span>
        {again && (
          <Button size="s" onClick={() => setRound(round + 1)}>
            {again}
          </Button>
        )}
        <Checkbox checked={screenReader} onChange={setScreenReader}>
          For a screen reader
        </Checkbox>
        <span className={css.hint} id={hint}>
          <Keys caps={["Ctrl", "Shift", "L"]} /> leaves the terminal
        </span>
      </div>
      <div className={css.well} aria-describedby={hint}>
        <div className={css.screen} ref={parent} />
      </div>
    </section>
  );
}
