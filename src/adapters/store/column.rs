//! How domain types lie in columns. Each decodes by itself, so that a row that cannot be read names its column.

use serde::{Serialize, de::DeserializeOwned, de::value::StrDeserializer};
use serde_json::value::RawValue;
use sqlx::{Database, Decode, Encode, Type, encode::IsNull, error::BoxDynError, types::Json};

use crate::ports::repository::text::make_storable;

/// A name, or a word of a closed list, kept as plain text.
pub(super) struct Word<T>(pub T);

impl<DB: Database, T> Type<DB> for Word<T>
where
    str: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <str as Type<DB>>::type_info()
    }

    fn compatible(info: &DB::TypeInfo) -> bool {
        <str as Type<DB>>::compatible(info)
    }
}

impl<'r, DB: Database, T: DeserializeOwned> Decode<'r, DB> for Word<T>
where
    &'r str: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        let text = <&str as Decode<DB>>::decode(value)?;
        let word = T::deserialize(StrDeserializer::<serde::de::value::Error>::new(text))?;
        Ok(Self(word))
    }
}

/// 32 bytes of a SHA-256.
pub(super) struct Digest(pub [u8; 32]);

impl<DB: Database> Type<DB> for Digest
where
    Vec<u8>: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <Vec<u8> as Type<DB>>::type_info()
    }

    fn compatible(info: &DB::TypeInfo) -> bool {
        <Vec<u8> as Type<DB>>::compatible(info)
    }
}

impl<'r, DB: Database> Decode<'r, DB> for Digest
where
    &'r [u8]: Decode<'r, DB>,
{
    fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(Self(<&[u8] as Decode<DB>>::decode(value)?.try_into()?))
    }
}

/// A value on its way into a JSON column.
pub(super) struct Document<'a, T>(pub &'a T);

impl<DB: Database, T> Type<DB> for Document<'_, T>
where
    Json<Box<RawValue>>: Type<DB>,
{
    fn type_info() -> DB::TypeInfo {
        <Json<Box<RawValue>> as Type<DB>>::type_info()
    }
}

impl<'q, DB: Database, T: Serialize> Encode<'q, DB> for Document<'_, T>
where
    Json<Box<RawValue>>: Encode<'q, DB>,
{
    fn encode_by_ref(&self, buffer: &mut <DB as Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        let mut document = serde_json::to_string(self.0)?;
        if document.contains(r"\u0000") {
            let mut value = serde_json::from_str(&document)?;
            make_storable(&mut value);
            document = serde_json::to_string(&value)?;
        }
        Json(RawValue::from_string(document)?).encode(buffer)
    }
}

/// Databases have no unsigned integers; nothing that is counted here comes near the end of the signed ones.
pub(super) fn amount(amount: u64) -> i64 {
    i64::try_from(amount).unwrap_or(i64::MAX)
}
