//! What strangers send: kinds told by content, bounds kept before pixels are decoded, damage and
//! double files refused.

use verifa_specimen::{jpeg, png};
use verifa_vision::{ImageError, MediaType, decode, image::MAX_ENCODED_BYTES, inspect};

/// A picture 40 wide and 20 high whose left half is red and whose right half is blue.
fn two_colours() -> image::RgbImage {
    image::RgbImage::from_fn(40, 20, |x, _| {
        image::Rgb(if x < 20 { [250, 0, 0] } else { [0, 0, 250] })
    })
}

fn as_jpeg() -> Vec<u8> {
    jpeg(&two_colours(), 95).unwrap_or_default()
}

fn as_png() -> Vec<u8> {
    png(&two_colours()).unwrap_or_default()
}

fn as_webp() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    let written = two_colours().write_to(&mut bytes, image::ImageFormat::WebP);
    assert!(written.is_ok());
    bytes.into_inner()
}

/// Puts an EXIF segment with nothing but an orientation behind the start of a JPEG.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    // Tag 0x0112, type 3 (short), count 1, value in the first two bytes; no next directory.
    exif.extend([
        0x01,
        0x12,
        0,
        3,
        0,
        0,
        0,
        1,
        0,
        orientation,
        0,
        0,
        0,
        0,
        0,
        0,
    ]);
    let length = u16::try_from(exif.len() + 2)
        .unwrap_or_default()
        .to_be_bytes();
    let mut bytes = vec![0xFF, 0xD8, 0xFF, 0xE1];
    bytes.extend(length);
    bytes.extend(exif);
    bytes.extend(jpeg.iter().skip(2));
    bytes
}

#[test]
fn kinds_are_told_by_content() {
    for (bytes, kind, name) in [
        (as_jpeg(), MediaType::Jpeg, "image/jpeg"),
        (as_png(), MediaType::Png, "image/png"),
        (as_webp(), MediaType::WebP, "image/webp"),
    ] {
        let info = inspect(&bytes).unwrap();
        assert_eq!((info.media_type, info.media_type.as_str()), (kind, name));
        assert_eq!((info.width, info.height, info.trailing_bytes), (40, 20, 0));
        let decoded = decode(&bytes).unwrap();
        assert_eq!(decoded.info(), info);
        let (first, last) = (&decoded.rgb()[..3], &decoded.rgb()[39 * 3..40 * 3]);
        assert!(
            first[0] > 200 && first[2] < 60 && last[2] > 200 && last[0] < 60,
            "{name}"
        );
    }
}

#[test]
fn other_content_is_unsupported() {
    for bytes in [
        &b""[..],
        b"GIF89a\x01\0\x01\0",
        b"%PDF-1.7\n",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"RIFF\x10\0\0\0WAVEfmt ",
        b"\xFF\xD8",
    ] {
        assert_eq!(inspect(bytes), Err(ImageError::Unsupported));
        assert_eq!(decode(bytes).err(), Some(ImageError::Unsupported));
    }
}

#[test]
fn exif_orientation_is_applied() {
    let plain = as_jpeg();
    // 3: upside down, red comes to the right. 6: turned clockwise, red comes to the top.
    let upside_down = decode(&with_orientation(&plain, 3)).unwrap();
    assert!(upside_down.rgb()[2] > 200, "blue is on the left");
    let info = inspect(&with_orientation(&plain, 6)).unwrap();
    assert_eq!((info.width, info.height), (20, 40));
    let clockwise = decode(&with_orientation(&plain, 6)).unwrap();
    assert_eq!((clockwise.width(), clockwise.height()), (20, 40));
    let last = clockwise.rgb().len() - 3;
    assert!(clockwise.rgb()[0] > 200 && clockwise.rgb()[last + 2] > 200);
}

#[test]
fn incomplete_pictures_are_malformed() {
    for bytes in [as_jpeg(), as_png(), as_webp()] {
        for share in [20, 50, 90, 99] {
            let cut = &bytes[..bytes.len() * share / 100];
            assert!(decode(cut).is_err(), "{share} % of a picture was accepted");
        }
    }
}

#[test]
fn bytes_are_bounded() {
    let mut bytes = as_jpeg();
    bytes.resize(MAX_ENCODED_BYTES + 1, 0);
    assert_eq!(inspect(&bytes), Err(ImageError::TooManyBytes));
}

/// The header of a picture of 60,000 by 60,000 pixels, which no memory should be taken for.
#[test]
fn pixels_are_bounded_before_decoding() {
    let mut bomb = as_png();
    bomb[16..24].copy_from_slice(&[0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60]);
    let checksum = crc32(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&checksum);
    assert_eq!(inspect(&bomb), Err(ImageError::TooLarge));
    assert_eq!(decode(&bomb).err(), Some(ImageError::TooLarge));
    // 8,000 by 6,300 pixels are 50.4 megapixels.
    bomb[16..24].copy_from_slice(&[0, 0, 0x1F, 0x40, 0, 0, 0x18, 0x9C]);
    let checksum = crc32(&bomb[12..29]).to_be_bytes();
    bomb[29..33].copy_from_slice(&checksum);
    assert_eq!(inspect(&bomb), Err(ImageError::TooLarge));
}

/// The checksum of PNG chunks (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 }
        })
    })
}

#[test]
fn what_cameras_append_is_ignored() {
    for bytes in [as_jpeg(), as_png()] {
        let mut appended = bytes.clone();
        // A motion photo's film and Samsung's trailer.
        appended.extend(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom SEFH\x65\0\0\0SEFT");
        let info = inspect(&appended).unwrap();
        assert_eq!(info.trailing_bytes, appended.len() - bytes.len());
        assert_eq!(
            decode(&appended).unwrap().rgb(),
            decode(&bytes).unwrap().rgb()
        );
    }
}

#[test]
fn two_files_in_one_are_refused() {
    let trailers: [&[u8]; 6] = [
        b"PK\x03\x04\x14\0\0\0archive",
        b"\n%PDF-1.7\n1 0 obj",
        b"<HTML><script>alert(1)</script>",
        b"<?php system($_GET['c']); ?>",
        b"MZ\x90\0program",
        b"\x7fELF\x02\x01",
    ];
    for bytes in [as_jpeg(), as_png(), as_webp()] {
        for trailer in trailers {
            let both = [bytes.as_slice(), trailer].concat();
            assert_eq!(inspect(&both), Err(ImageError::Polyglot));
            assert_eq!(decode(&both).err(), Some(ImageError::Polyglot));
        }
    }
    // A PDF header in a JPEG comment, which PDF readers accept.
    let comment = [
        &[0xFF, 0xD8, 0xFF, 0xFE, 0, 10][..],
        b"%PDF-1.4",
        &as_jpeg()[2..],
    ]
    .concat();
    assert_eq!(inspect(&comment), Err(ImageError::Polyglot));
}

mod any_bytes {
    use proptest::prelude::*;

    proptest! {
        /// Damage anywhere is an error or another picture, never a panic.
        #[test]
        fn never_panic(
            kind in 0..3_usize,
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = [super::as_jpeg(), super::as_png(), super::as_webp()][kind].clone();
            for (at, value) in damage {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
            let _ = verifa_vision::decode(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            let _ = verifa_vision::decode(&bytes);
        }
    }
}
