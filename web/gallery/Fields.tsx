import { Dices } from "lucide-react";
import { useState } from "react";
import { IconButton } from "~/ui/Button";
import { Checkbox } from "~/ui/Checkbox";
import { CodeField } from "~/ui/CodeField";
import { CopyField } from "~/ui/CopyField";
import { Field, TextField } from "~/ui/Field";
import { PasswordField } from "~/ui/PasswordField";
import { Select } from "~/ui/Select";
import { Switch } from "~/ui/Switch";
import { TextArea } from "~/ui/TextArea";
import { Specimen, Specimens } from "./Specimens";

const roles = [
  { value: "viewer", label: "Viewer", hint: "Looks" },
  { value: "developer", label: "Developer", hint: "Makes workspaces" },
  { value: "admin", label: "Admin" },
] as const;

type Role = (typeof roles)[number]["value"];

export function Fields() {
  const [text, setText] = useState("quiet-harbor");
  const [password, setPassword] = useState("a password");
  const [code, setCode] = useState("123");
  const [role, setRole] = useState<Role>("developer");
  const [on, setOn] = useState(true);
  const shared = { value: text, onValueChange: setText };
  return (
    <Specimens title="Fields">
      <Specimen name="TextField" columns>
        <TextField label="Plain" {...shared} />
        <TextField label="With a hint" hint="Lower-case letters, digits and hyphens." mono {...shared} />
        <TextField label="Not needed" optional placeholder="Something" />
        <TextField label="Wrong" problem="You already have a workspace of this name." {...shared} />
        <TextField label="Disabled" disabled value="fixed" />
        <TextField
          label="With a button"
          after={<IconButton icon={Dices} label="Another one" size="s" />}
          {...shared}
        />
      </Specimen>
      <Specimen name="PasswordField, CodeField, CopyField" columns>
        <PasswordField autoComplete="current-password" value={password} onValueChange={setPassword} />
        <PasswordField
          label="Wrong password"
          name="wrong"
          autoComplete="new-password"
          value={password}
          onValueChange={setPassword}
          problem="At least 10 characters."
        />
        <CodeField value={code} onValueChange={setCode} hint="From your authenticator app." />
        <CodeField
          label="Wrong code"
          value={code}
          onValueChange={setCode}
          problem="This code is not right."
        />
        <CopyField label="Link" text="https://dev.example.org/invitations#token=…" hint="It works once." />
      </Specimen>
      <Specimen name="TextArea" columns>
        <TextArea label="Public key" {...shared} />
        <TextArea label="Wrong key" problem="This is no public key." {...shared} />
      </Specimen>
      <Specimen name="Select" columns>
        <Field label="Role">
          <Select value={role} onChange={(next: Role) => setRole(next)} options={roles} />
        </Field>
        <Field label="Wrong role" problem="Only owners may give this role.">
          <Select value={role} onChange={(next: Role) => setRole(next)} options={roles} />
        </Field>
        <Select small label="Small" value={role} onChange={(next: Role) => setRole(next)} options={roles} />
        <Select
          disabled
          label="Disabled choice"
          value={role}
          onChange={(next: Role) => setRole(next)}
          options={roles}
        />
      </Specimen>
      <Specimen name="Checkbox, Switch">
        <Checkbox checked={on} onChange={setOn}>
          Keep the volumes
        </Checkbox>
        <Checkbox checked={!on} onChange={() => setOn(!on)}>
          The other way round
        </Checkbox>
        <Field label="On">
          <Switch checked={on} onChange={setOn} />
        </Field>
        <Field label="Off">
          <Switch checked={!on} onChange={() => setOn(!on)} />
        </Field>
      </Specimen>
    </Specimens>
  );
}
