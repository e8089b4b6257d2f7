//! Values of a manifest that can be written in more than one way.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Number, Value};

use crate::domain::{names::ComponentName, workspace::spec::Condition};

/// A text that may also be written as a number or a boolean.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct ScalarText(pub String);

impl ScalarText {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ScalarText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self(text)),
            Value::Number(number) => Ok(Self(number.to_string())),
            Value::Bool(value) => Ok(Self(value.to_string())),
            _ => Err(de::Error::custom("must be a text, a number or a boolean")),
        }
    }
}

impl JsonSchema for ScalarText {
    fn schema_name() -> Cow<'static, str> {
        "ScalarText".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "boolean"], "maxLength": 32768})
    }
}

/// Words of a command. A single text is split as a POSIX shell splits it; nothing else of a shell applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct CommandLine(pub Vec<String>);

impl CommandLine {
    /// `None` when a quote is not closed.
    pub fn split(text: &str) -> Option<Self> {
        shlex::split(text).map(Self)
    }
}

impl<'de> Deserialize<'de> for CommandLine {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Line(String),
            Words(Vec<ScalarText>),
        }
        match Written::deserialize(deserializer)? {
            Written::Words(words) => Ok(Self(words.into_iter().map(|word| word.0).collect())),
            Written::Line(line) => {
                Self::split(&line).ok_or_else(|| de::Error::custom("a quote is not closed"))
            }
        }
    }
}

impl JsonSchema for CommandLine {
    fn schema_name() -> Cow<'static, str> {
        "CommandLine".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let word = generator.subschema_for::<ScalarText>();
        json_schema!({
            "description": "Words of a command, or one text that is split into words as a shell would.",
            "anyOf": [
                {"type": "string", "minLength": 1, "maxLength": 8192},
                {"type": "array", "items": word, "minItems": 1, "maxItems": 256},
            ]
        })
    }
}

/// A component to wait for: its name, or its name with a condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DependsOn {
    pub name: ComponentName,
    pub condition: Condition,
}

impl<'de> Deserialize<'de> for DependsOn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Name(ComponentName),
            Full {
                name: ComponentName,
                #[serde(default)]
                condition: Condition,
            },
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::Name(name) => Self { name, condition: Condition::default() },
            Written::Full { name, condition } => Self { name, condition },
        })
    }
}

impl JsonSchema for DependsOn {
    fn schema_name() -> Cow<'static, str> {
        "DependsOn".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let name = generator.subschema_for::<ComponentName>();
        let condition = generator.subschema_for::<Condition>();
        json_schema!({
            "description": "The name of a component, which must be healthy first, or its name with a condition.",
            "anyOf": [
                name,
                {
                    "type": "object",
                    "properties": {"name": name, "condition": condition},
                    "required": ["name"],
                    "additionalProperties": false,
                },
            ]
        })
    }
}

/// A quantity that is not one; the message says what would be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantityError(pub String);

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Thousandths of a core, written as cores (`0.5`, `"0.5"`) or thousandths (`"500m"`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cpu(pub u64);

impl Cpu {
    /// Below this Docker schedules a container too seldom to be of use.
    pub const MIN_MILLIS: u64 = 10;
    pub const MAX_MILLIS: u64 = 256_000;

    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let millis = match text.strip_suffix('m') {
            Some(millis) => parse_decimal(millis),
            None => parse_decimal(text).map(|cores| cores * 1000.0),
        };
        let millis = millis
            .ok_or_else(|| QuantityError("must be cores like 0.5, or thousandths like \"500m\"".into()))?;
        let range = Self::MIN_MILLIS as f64..=Self::MAX_MILLIS as f64;
        if !range.contains(&millis.round()) {
            return Err(QuantityError(format!(
                "must be between {} and {} cores",
                0.01,
                Self::MAX_MILLIS / 1000
            )));
        }
        Ok(Self(millis.round() as u64))
    }
}

/// Bytes, written with a binary (`Ki`, `Mi`, `Gi`, `Ti`) or decimal (`k`, `M`, `G`, `T`) unit, or as a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteSize(pub u64);

impl ByteSize {
    const UNITS: [(&str, u64); 15] = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("K", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("B", 1),
        ("", 1),
    ];
    /// Docker gives no container less memory than 6 MiB.
    pub const MIN: u64 = 6 << 20;
    pub const MAX: u64 = 64 << 40;

    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let bytes = Self::UNITS
            .iter()
            .find_map(|(unit, factor)| text.strip_suffix(unit).map(|number| (number.trim_end(), *factor)))
            .and_then(|(number, factor)| Some((parse_decimal(number)?, factor)));
        let (number, factor) =
            bytes.ok_or_else(|| QuantityError("must be a size like \"512Mi\" or \"2Gi\"".into()))?;
        let bytes = (number * factor as f64).round();
        let range = Self::MIN as f64..=Self::MAX as f64;
        if !range.contains(&bytes) {
            return Err(QuantityError("must be between 6Mi and 64Ti".into()));
        }
        Ok(Self(bytes as u64))
    }
}

/// Digits with at most one point: none of the other things `f64` reads, like `inf` or `1e5`.
fn parse_decimal(text: &str) -> Option<f64> {
    let plain = !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    plain.then(|| text.parse().ok()).flatten()
}

macro_rules! quantity {
    ($name:ident, $to_json:expr) => {
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = ScalarText::deserialize(deserializer)?;
                $name::parse(text.as_str()).map_err(de::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let to_json: fn(u64) -> Value = $to_json;
                to_json(self.0).serialize(serializer)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": ["number", "string"]})
            }
        }
    };
}

quantity!(Cpu, |millis| format!("{millis}m").into());
quantity!(ByteSize, |bytes| Number::from(bytes).into());

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn cpu_is_cores_or_thousandths() {
        for (text, millis) in [("0.5", 500), ("2", 2000), ("500m", 500), (".25", 250), ("0.01", 10)] {
            assert_eq!(Cpu::parse(text), Ok(Cpu(millis)), "{text}");
        }
        for bad in ["", "m", "-1", "1e3", "inf", "NaN", "0", "0.001", "257", "1.2.3", "1 core", "½"] {
            assert!(Cpu::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_have_binary_and_decimal_units() {
        for (text, bytes) in [
            ("512Mi", 512 << 20),
            ("1.5Gi", 3 << 29),
            ("100M", 100_000_000),
            ("64 MiB", 64 << 20),
            ("8388608", 8 << 20),
        ] {
            assert_eq!(ByteSize::parse(text), Ok(ByteSize(bytes)), "{text}");
        }
        for bad in ["", "Mi", "-1Gi", "5", "1Pi", "1e9", "512 mb", "65Ti", "Infinity", "0"] {
            assert!(ByteSize::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn commands_are_words_or_one_line() {
        let words = |value| serde_json::from_value::<CommandLine>(value).map(|command| command.0);
        assert_eq!(words(json!(["sleep", 5])).unwrap(), ["sleep", "5"]);
        assert_eq!(words(json!("sh -c 'echo $HOME; exit'")).unwrap(), ["sh", "-c", "echo $HOME; exit"]);
        assert!(words(json!("sh -c 'oops")).is_err());
    }

    proptest! {
        #[test]
        fn quantities_survive_being_stored(millis in Cpu::MIN_MILLIS..=Cpu::MAX_MILLIS, bytes in ByteSize::MIN..=1 << 45) {
            let json = serde_json::to_value((Cpu(millis), ByteSize(bytes))).unwrap();
            prop_assert_eq!(serde_json::from_value::<(Cpu, ByteSize)>(json).unwrap(), (Cpu(millis), ByteSize(bytes)));
        }

        #[test]
        fn parsing_quantities_never_panics(text in "\\PC{0,30}") {
            let _ = Cpu::parse(&text);
            let _ = ByteSize::parse(&text);
        }
    }
}
