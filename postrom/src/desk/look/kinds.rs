//! Kinds of files, and the endings of names that stand for them.

use serde::{Deserialize, Serialize};

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)] // the names say it
pub enum FileKind {
    Jpeg,
    Png,
    Gif,
    WebP,
    Heic,
    Avif,
    Tiff,
    Bmp,
    Pdf,
    /// Of today's Word, Excel and PowerPoint, and the ones before 2007.
    Docx,
    Xlsx,
    Pptx,
    Doc,
    Xls,
    Ppt,
    /// An office document behind a password: which one it is cannot be seen.
    LockedOffice,
    /// Of LibreOffice and others.
    Odt,
    Ods,
    Odp,
    Rtf,
    /// A mail that Outlook saved.
    OutlookMail,
    Mail,
    Text,
    Html,
    Svg,
    Xml,
    Zip,
    Rar,
    SevenZip,
    Gzip,
    Tar,
    /// What is mounted like a disk.
    DiskImage,
    /// A program for Windows, Linux, or macOS.
    Exe,
    Elf,
    MachO,
    Jar,
    /// What installs a program on Windows, or on Android.
    Installer,
    Script,
    /// What starts something else when it is opened: `.lnk`, `.url`.
    Shortcut,
    Mp3,
    Wav,
    Flac,
    Ogg,
    Amr,
    M4a,
    Mp4,
    Mov,
    Avi,
    Mkv,
    OpenPgp,
}

use FileKind as K;

impl FileKind {
    /// All of them.
    pub const ALL: [Self; 50] = [
        K::Jpeg,
        K::Png,
        K::Gif,
        K::WebP,
        K::Heic,
        K::Avif,
        K::Tiff,
        K::Bmp,
        K::Pdf,
        K::Docx,
        K::Xlsx,
        K::Pptx,
        K::Doc,
        K::Xls,
        K::Ppt,
        K::LockedOffice,
        K::Odt,
        K::Ods,
        K::Odp,
        K::Rtf,
        K::OutlookMail,
        K::Mail,
        K::Text,
        K::Html,
        K::Svg,
        K::Xml,
        K::Zip,
        K::Rar,
        K::SevenZip,
        K::Gzip,
        K::Tar,
        K::DiskImage,
        K::Exe,
        K::Elf,
        K::MachO,
        K::Jar,
        K::Installer,
        K::Script,
        K::Shortcut,
        K::Mp3,
        K::Wav,
        K::Flac,
        K::Ogg,
        K::Amr,
        K::M4a,
        K::Mp4,
        K::Mov,
        K::Avi,
        K::Mkv,
        K::OpenPgp,
    ];

    /// A program, or what starts one.
    pub fn is_executable(self) -> bool {
        matches!(
            self,
            K::Exe | K::Elf | K::MachO | K::Jar | K::Installer | K::Script | K::Shortcut
        )
    }

    /// Opening it can do more than show it.
    pub(super) fn acts(self) -> bool {
        self.is_executable() || matches!(self, K::Html | K::Svg | K::DiskImage)
    }

    fn is_text(self) -> bool {
        matches!(
            self,
            K::Text | K::Html | K::Svg | K::Xml | K::Mail | K::Script | K::OpenPgp | K::Shortcut
        )
    }

    fn is_locked_office(self) -> bool {
        matches!(
            self,
            K::Docx | K::Xlsx | K::Pptx | K::Doc | K::Xls | K::Ppt | K::LockedOffice
        )
    }

    /// Boxes that hold pictures, sound or film alike; which of these it is says a word in the first box that nobody holds to.
    fn is_media_box(self) -> bool {
        matches!(self, K::M4a | K::Mp4 | K::Mov)
    }

    /// Whether bytes of this kind may have a name of that one.
    pub(super) fn goes_by(self, name: Self) -> bool {
        let both = |is: fn(Self) -> bool| is(self) && is(name);
        self == name
            || both(Self::is_text)
            || both(Self::is_media_box)
            || (self == K::LockedOffice && name.is_locked_office())
            // What is not looked into far enough to be told apart.
            || (self == K::Zip && name == K::Jar)
            || (self == K::Tar && name == K::Text)
    }
}

/// Endings by kind. A kind whose bytes cannot be told stands in no row.
const ENDINGS: &[(FileKind, &str)] = &[
    (K::Jpeg, "jpg jpeg jpe jfif"),
    (K::Png, "png"),
    (K::Gif, "gif"),
    (K::WebP, "webp"),
    (K::Heic, "heic heif hif"),
    (K::Avif, "avif"),
    (K::Tiff, "tif tiff"),
    (K::Bmp, "bmp dib"),
    (K::Pdf, "pdf"),
    (K::Docx, "docx docm dotx dotm"),
    (K::Xlsx, "xlsx xlsm xltx xltm xlam xlsb"),
    (K::Pptx, "pptx pptm potx potm ppsx ppsm"),
    (K::Doc, "doc dot"),
    (K::Xls, "xls xlt xla"),
    (K::Ppt, "ppt pot pps"),
    (K::Odt, "odt ott"),
    (K::Ods, "ods ots"),
    (K::Odp, "odp otp"),
    (K::Rtf, "rtf"),
    (K::OutlookMail, "msg"),
    (K::Mail, "eml"),
    (K::Text, "txt text csv log md json ics vcf ini"),
    (K::Html, "html htm xhtml shtml"),
    (K::Svg, "svg"),
    (K::Xml, "xml"),
    (K::Zip, "zip"),
    (K::Rar, "rar"),
    (K::SevenZip, "7z"),
    (K::Gzip, "gz tgz"),
    (K::Tar, "tar"),
    (K::DiskImage, "iso img vhd vhdx dmg"),
    (K::Exe, "exe scr com dll cpl pif sys ocx"),
    (K::Elf, "so elf run bin-elf"),
    (K::MachO, "dylib"),
    (K::Jar, "jar"),
    (K::Installer, "msi msp mst msix appx apk"),
    (
        K::Script,
        "js jse vbs vbe wsf wsh hta ps1 psm1 bat cmd sh bash py pl rb command ws sct applescript",
    ),
    (
        K::Shortcut,
        "lnk url webloc desktop scf library-ms search-ms settingcontent-ms inf reg chm",
    ),
    (K::Mp3, "mp3"),
    (K::Wav, "wav"),
    (K::Flac, "flac"),
    (K::Ogg, "ogg oga opus"),
    (K::Amr, "amr"),
    (K::M4a, "m4a"),
    (K::Mp4, "mp4 m4v 3gp 3gpp"),
    (K::Mov, "mov qt"),
    (K::Avi, "avi"),
    (K::Mkv, "mkv webm"),
    (K::OpenPgp, "asc gpg pgp sig"),
];

/// The kind that an ending stands for, in lower case and without its dot.
pub(super) fn by_name(ending: &str) -> Option<FileKind> {
    let row = ENDINGS
        .iter()
        .find(|(_, endings)| endings.split(' ').any(|one| one == ending));
    row.map(|(kind, _)| *kind)
}

/// Whether a file of this name, within another one, is a program.
pub(super) fn is_program(name: &str) -> bool {
    by_name(&konvolutt_letter::ending(name)).is_some_and(FileKind::is_executable)
}
