import { KeyRound, Laptop } from "lucide-react";
import { Badge } from "~/ui/Badge";
import { Button } from "~/ui/Button";
import { Facts } from "~/ui/Facts";
import { Initial } from "~/ui/Initial";
import { Item, ItemList } from "~/ui/ItemList";
import { Person } from "~/ui/Person";
import { Section } from "~/ui/Section";
import { Status } from "~/ui/Status";
import table from "~/ui/Table.module.css";
import { Specimen, Specimens } from "./Specimens";

export function Lists() {
  return (
    <Specimens title="Lists">
      <Specimen name="ItemList" columns>
        <ItemList label="Sessions">
          <Item
            icon={Laptop}
            title="Chrome on Linux"
            badges={<Badge tone="accent">this one</Badge>}
            facts={["192.0.2.17", "5 minutes ago"]}
          />
          <Item
            icon={KeyRound}
            title="A long name of something that does not fit into one line of a narrow screen"
            facts={["Signed in 3 days ago", undefined, "Never used"]}
            action={<Button size="s">End</Button>}
          />
          <Item icon={KeyRound} title="Expired" facts={["a month ago"]} faded />
        </ItemList>
      </Specimen>
      <Specimen name="Person, Initial" columns>
        <Person name="ada" detail="ada@example.org" badges={<Badge>owner</Badge>} />
        <Person name="grace" detail="suspended" faded />
        <Initial name="dev-1" />
      </Specimen>
      <Specimen name="Facts" columns>
        <Facts
          facts={[
            ["Owner", "ada"],
            ["Host", "a-host-with-a-rather-long-name.example.org"],
            ["Not known", null],
          ]}
        />
      </Specimen>
      <Specimen name="Table" columns>
        <div className={table.frame}>
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <td>shop</td>
                <td>
                  <Status tone="run" label="Running" />
                </td>
              </tr>
              <tr>
                <td>quiet-harbor</td>
                <td>
                  <Status tone="rest" label="Stopped" />
                </td>
              </tr>
            </tbody>
          </table>
        </div>
      </Specimen>
      <Specimen name="Section" columns>
        <Section title="Plain" note="with a note" actions={<Button size="s">Change</Button>}>
          Its content.
        </Section>
        <Section title="Danger" tone="danger">
          What cannot be taken back.
        </Section>
        <Section title="Bare" bare>
          Content that brings its own edges.
        </Section>
      </Specimen>
    </Specimens>
  );
}
