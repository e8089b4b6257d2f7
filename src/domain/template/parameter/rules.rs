//! What an answer must be, and what a question must not be.

use regex::{Regex, RegexBuilder};

use super::{Parameter, ParameterType, ParameterValue};
use crate::domain::template::problem::{did_you_mean, quoted};

/// Longest text of an answer, in bytes.
const MAX_TEXT: usize = 4096;
/// Most items of a list.
const MAX_ITEMS: usize = 100;
/// Bytes a compiled expression may take, so that `(a{1000}){1000}` is refused and not built.
const MAX_REGEX: usize = 1 << 21;

/// What is wrong with an answer, or with the definition of a question: code and message.
pub(super) type Fault = (&'static str, String);

impl Parameter {
    pub fn is_required(&self) -> bool {
        self.required.unwrap_or(self.default.is_none())
    }

    /// Everything wrong with the question itself, each with the field it is in.
    pub fn faults(&self) -> Vec<(&'static str, Fault)> {
        let mut faults = Vec::new();
        let rules = Rules::of(self);
        if let Err(fault) = &rules {
            faults.push(("regex", fault.clone()));
        } else if self.regex.is_some() && !matches!(self.kind, ParameterType::String | ParameterType::List) {
            faults.push((
                "regex",
                ("not_applicable", "only texts and lists of texts can match a regex".into()),
            ));
        }
        for (field, bound) in [("min", self.min), ("max", self.max)] {
            if bound.is_some() && self.kind != ParameterType::Number {
                faults.push((field, ("not_applicable", format!("{field:?} applies only to numbers"))));
            }
        }
        if let (Some(min), Some(max)) = (self.min, self.max)
            && min > max
        {
            faults.push(("min", ("invalid_range", format!("min ({min}) is greater than max ({max})"))));
        }
        if self.kind == ParameterType::Bool && !self.options.is_empty() {
            faults.push(("options", ("not_applicable", "a bool has no options but true and false".into())));
        }
        // An answer is judged by all rules at once; with a broken rule that judgement would mislead.
        if let (Ok(rules), true) = (rules, faults.is_empty()) {
            faults.extend(rules.value_faults());
        }
        faults
    }
}

/// A question with its expression compiled, to judge answers.
pub(super) struct Rules<'a> {
    parameter: &'a Parameter,
    whole: Option<Regex>,
}

impl<'a> Rules<'a> {
    pub(super) fn of(parameter: &'a Parameter) -> Result<Self, Fault> {
        let whole = parameter.regex.as_deref().map(compiled).transpose()?;
        Ok(Self { parameter, whole })
    }

    /// Options and default must be answers themselves.
    fn value_faults(&self) -> Vec<(&'static str, Fault)> {
        let mut faults = Vec::new();
        for option in &self.parameter.options {
            // An option of a list is one of its items.
            let answer = match (self.parameter.kind, option) {
                (ParameterType::List, ParameterValue::String(item)) => {
                    ParameterValue::List(vec![item.clone()])
                }
                _ => option.clone(),
            };
            if let Err((_, message)) = self.admit(answer) {
                faults.push((
                    "options",
                    ("invalid_option", format!("the option {:?} {message}", option.to_string())),
                ));
            }
        }
        if let Some(default) = &self.parameter.default
            && let Err((_, message)) = self.admit(default.clone())
        {
            faults.push(("default", ("invalid_default", format!("the default {message}"))));
        }
        faults
    }

    /// Whether the value is an answer.
    pub(super) fn admit(&self, value: ParameterValue) -> Result<ParameterValue, Fault> {
        match (&value, self.parameter.kind) {
            (ParameterValue::String(text), ParameterType::String) => self.admit_text(text)?,
            (ParameterValue::Bool(_), ParameterType::Bool) => {}
            (ParameterValue::Number(number), ParameterType::Number) => self.admit_number(*number)?,
            (ParameterValue::List(items), ParameterType::List) => {
                if items.len() > MAX_ITEMS {
                    return Err((
                        "too_many",
                        format!("has {} items; at most {MAX_ITEMS} are allowed", items.len()),
                    ));
                }
                items.iter().try_for_each(|item| self.admit_text(item))?;
            }
            (found, _) => {
                return Err((
                    "wrong_type",
                    format!("is {}; it must be {}", kind_of(found), self.parameter.kind.describe()),
                ));
            }
        }
        if let ParameterValue::List(items) = &value {
            for item in items {
                self.admit_option(&ParameterValue::String(item.clone()))?;
            }
        } else {
            self.admit_option(&value)?;
        }
        Ok(value)
    }

    fn admit_text(&self, text: &str) -> Result<(), Fault> {
        if text.len() > MAX_TEXT || text.contains('\0') {
            return Err(("invalid_text", format!("must have at most {MAX_TEXT} bytes, none of them NUL")));
        }
        match &self.whole {
            Some(whole) if !whole.is_match(text) => Err((
                "pattern_mismatch",
                format!(
                    "is {}; it must match {}",
                    quoted(text),
                    self.parameter.regex.as_deref().unwrap_or_default()
                ),
            )),
            _ => Ok(()),
        }
    }

    fn admit_number(&self, number: f64) -> Result<(), Fault> {
        let found = |bound| ("out_of_range", format!("is {number}; it must be {bound}"));
        match (self.parameter.min, self.parameter.max) {
            (Some(min), _) if number < min => Err(found(format!("at least {min}"))),
            (_, Some(max)) if number > max => Err(found(format!("at most {max}"))),
            _ => Ok(()),
        }
    }

    fn admit_option(&self, value: &ParameterValue) -> Result<(), Fault> {
        if self.parameter.options.is_empty() || self.parameter.options.contains(value) {
            return Ok(());
        }
        let options: Vec<String> = self.parameter.options.iter().map(ToString::to_string).collect();
        let found = value.to_string();
        let hint = did_you_mean(&found, options.iter().map(String::as_str));
        Err((
            "not_an_option",
            format!("is {}; it must be one of {}{hint}", quoted(&found), options.join(", ")),
        ))
    }
}

fn compiled(pattern: &str) -> Result<Regex, Fault> {
    let refused = |error: String| {
        let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
        ("invalid_regex", format!("is not a regular expression: {reason}"))
    };
    // Read alone first: `a)|(b` is an expression only inside the parentheses that bind it to the whole text.
    regex_syntax::parse(pattern).map_err(|error| refused(error.to_string()))?;
    // This engine knows no back-references and no look-around: its time is linear in the text.
    let whole = RegexBuilder::new(&format!("\\A(?:{pattern})\\z")).size_limit(MAX_REGEX).build();
    whole.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => ("invalid_regex", "the regular expression is too large".into()),
        error => refused(error.to_string()),
    })
}

impl ParameterType {
    pub(super) const fn describe(self) -> &'static str {
        match self {
            ParameterType::String => "a text",
            ParameterType::Number => "a number",
            ParameterType::Bool => "true or false",
            ParameterType::List => "a list of texts",
        }
    }
}

const fn kind_of(value: &ParameterValue) -> &'static str {
    match value {
        ParameterValue::Bool(_) => "a boolean",
        ParameterValue::Number(_) => "a number",
        ParameterValue::String(_) => "a text",
        ParameterValue::List(_) => "a list",
    }
}
