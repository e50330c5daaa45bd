//! Where in the file are a tensor's numbers?
//!
//! The format: eight bytes with the length of a JSON header, the header, then all numbers. The header says of each
//! tensor its type, its shape and where its numbers begin and end.

use super::EmbedError;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A file's header and numbers.
pub(super) struct Safetensors<'a> {
    header: Header,
    numbers: &'a [u8],
    /// Where in the file the numbers begin.
    begin: usize,
}

#[derive(Deserialize)]
struct Header {
    #[serde(rename = "__metadata__", default)]
    metadata: BTreeMap<String, String>,
    #[serde(flatten)]
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Deserialize)]
struct Tensor {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

impl<'a> Safetensors<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Safetensors<'a>, EmbedError> {
        let (length, rest) = file.split_first_chunk::<8>().ok_or_else(|| not_one("it has fewer than 8 bytes"))?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (header, numbers) =
            rest.split_at_checked(length).ok_or_else(|| not_one("its header is longer than the file"))?;
        let header = serde_json::from_slice(header).map_err(|e| not_one(format!("its header: {e}")))?;
        Ok(Safetensors { header, numbers, begin: 8 + length })
    }

    /// An entry of the file's free-form description.
    pub(super) fn metadata(&self, key: &str) -> Option<&str> {
        self.header.metadata.get(key).map(String::as_str)
    }

    /// The shape and the bytes' place in the file of a tensor that must have this type and rank.
    pub(super) fn tensor<const RANK: usize>(
        &self,
        name: &str,
        dtype: &str,
    ) -> Result<([usize; RANK], std::ops::Range<usize>), EmbedError> {
        let tensor = self.header.tensors.get(name).ok_or_else(|| not_one(format!("it has no tensor {name:?}")))?;
        let width = if dtype == "F32" { 4 } else { 1 };
        let (from, to) = tensor.data_offsets;
        let shape = <[usize; RANK]>::try_from(tensor.shape.as_slice()).ok().filter(|_| tensor.dtype == dtype);
        let bytes = tensor.shape.iter().try_fold(width, |product: usize, n| product.checked_mul(*n));
        match shape {
            Some(shape) if from <= to && to <= self.numbers.len() && bytes == Some(to - from) => {
                Ok((shape, self.begin + from..self.begin + to))
            }
            _ => Err(not_one(format!(
                "tensor {name:?} is {} {:?} in bytes {from} to {to}; {dtype} of {RANK} dimensions is expected",
                tensor.dtype, tensor.shape
            ))),
        }
    }
}

fn not_one(detail: impl Into<String>) -> EmbedError {
    EmbedError::new("the embedding table is not a safetensors file of the expected shape").detail(detail).hint(
        "the file needs int8 `embedding` [tokens, 256] and float32 `scale` [tokens]; see config/embedding/README.md",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(header: &str, numbers: &[u8]) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), numbers].concat()
    }

    #[test]
    fn a_tensor_is_found_by_name_type_and_rank() {
        let header = r#"{"__metadata__":{"name":"small"},"a":{"dtype":"I8","shape":[2,3],"data_offsets":[1,7]}}"#;
        let bytes = file(header, &[0, 1, 2, 3, 4, 5, 6]);
        let tensors = Safetensors::read(&bytes).unwrap();
        let (shape, place) = tensors.tensor::<2>("a", "I8").unwrap();
        assert_eq!((shape, &bytes[place]), ([2, 3], &[1u8, 2, 3, 4, 5, 6][..]));
        assert_eq!(tensors.metadata("name"), Some("small"));
        assert!(tensors.tensor::<1>("a", "I8").is_err() && tensors.tensor::<2>("a", "F32").is_err());
        assert!(tensors.tensor::<2>("b", "I8").unwrap_err().to_string().contains("no tensor \"b\""));
    }

    #[test]
    fn broken_files_are_refused() {
        let beyond = r#"{"a":{"dtype":"I8","shape":[9],"data_offsets":[0,9]}}"#;
        let bytes = file(beyond, &[0; 8]);
        assert!(Safetensors::read(&bytes).unwrap().tensor::<1>("a", "I8").is_err());
        assert!(Safetensors::read(b"short").is_err());
        assert!(Safetensors::read(&u64::MAX.to_le_bytes()).is_err());
        assert!(Safetensors::read(&file("{", &[])).is_err());
    }
}
