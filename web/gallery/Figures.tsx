import { Chart } from "~/ui/Chart";
import { bytes } from "~/ui/format";
import { LogView } from "~/ui/LogView";
import { Meter } from "~/ui/Meter";
import { Specimen, Specimens } from "./Specimens";

const SPAN = 60;
const wave = Array.from({ length: SPAN }, (_, index) => 50 + 40 * Math.sin(index / 6));
const gaps = wave.map((value, index) => (index % 20 < 4 ? null : value));

const began = Date.parse("2026-08-01T10:00:00.000Z");
const lines = Array.from({ length: 24 }, (_, index) => ({
  key: index,
  time: new Date(began + index * 900).toISOString(),
  source: index % 2 ? "web" : "api",
  alarming: index % 9 === 8,
  text: index % 9 === 8 ? "WARN slow query: 412 ms" : `GET /articles/${index} 200 ${(index * 7) % 40} ms`,
}));

const GIB = 1024 ** 3;

export function Figures() {
  return (
    <Specimens title="Figures and logs">
      <Specimen name="Chart" columns>
        <Chart label="CPU" reading="62 %" values={wave} span={SPAN} ceiling={100} />
        <Chart label="Network, with gaps" reading="41 KiB/s" values={gaps} span={SPAN} tone="move" />
        <Chart label="Just begun" reading="3 %" values={wave.slice(0, 9)} span={SPAN} tone="warn" />
        <Chart label="Nothing yet" reading="none" values={[]} span={SPAN} />
      </Specimen>
      <Specimen name="Meter" columns>
        <Meter label="Workspaces" used={2} limit={10} />
        <Meter label="Memory" used={7 * GIB} limit={8 * GIB} format={bytes} />
        <Meter label="CPU" used={4} limit={4} />
        <Meter label="Disk" used={12 * GIB} limit={null} format={bytes} />
      </Specimen>
      <Specimen name="LogView" columns>
        <LogView label="Log of everything" lines={lines} silence="Nothing was said." />
        <LogView label="Silent log" lines={[]} silence="Nothing was said." />
      </Specimen>
    </Specimens>
  );
}
