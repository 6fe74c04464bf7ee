/// Labels of charsets as they stand in mail, in lower case with `-` for `_` and without a leading `x-`. Only these
/// reach the converter: a label is a stranger's word.
enum CharsetLabels {
    static let methods: [String: Charset.Method] = {
        var methods: [String: Charset.Method] = [:]
        for label in ["utf-8", "utf8", "unicode-1-1-utf-8", "utf-8n"] { methods[label] = .utf8 }
        for label in windows1252 { methods[label] = .windows1252 }
        for (name, labels) in converted {
            for label in labels { methods[label] = .converter(name) }
        }
        return methods
    }()

    /// ISO 8859-1 is what senders write; windows-1252 is what they use.
    private static let windows1252 = [
        "windows-1252", "cp1252", "cp-1252", "1252", "iso-8859-1", "iso8859-1", "iso88591", "iso-88591", "8859-1",
        "latin1", "latin-1", "l1", "ibm819", "cp819", "iso-ir-100", "csisolatin1", "iso-8859-1:1987", "ansi",
    ]

    /// glibc's name, then the labels that mean it or something that it contains.
    private static let converted: [(String, [String])] = [
        ("UTF-7", ["utf-7", "utf7", "unicode-1-1-utf-7"]),
        ("UTF-16", ["utf-16", "utf16"]),
        ("UTF-16BE", ["utf-16be", "unicodefffe"]),
        ("UTF-16LE", ["utf-16le", "unicode", "ucs-2", "iso-10646-ucs-2"]),
        ("UTF-32", ["utf-32", "ucs-4"]),
        ("ISO-8859-2", ["iso-8859-2", "iso8859-2", "8859-2", "latin2", "latin-2", "l2", "csisolatin2"]),
        ("ISO-8859-3", ["iso-8859-3", "iso8859-3", "latin3", "latin-3"]),
        ("ISO-8859-4", ["iso-8859-4", "iso8859-4", "latin4", "latin-4"]),
        ("ISO-8859-5", ["iso-8859-5", "iso8859-5", "cyrillic"]),
        ("ISO-8859-6", ["iso-8859-6", "iso-8859-6-e", "iso-8859-6-i", "iso8859-6", "arabic"]),
        ("ISO-8859-7", ["iso-8859-7", "iso8859-7", "greek"]),
        ("ISO-8859-8", ["iso-8859-8", "iso-8859-8-e", "iso-8859-8-i", "iso8859-8", "hebrew", "logical"]),
        ("ISO-8859-10", ["iso-8859-10", "iso8859-10", "latin6"]),
        ("ISO-8859-13", ["iso-8859-13", "iso8859-13"]),
        ("ISO-8859-14", ["iso-8859-14", "iso8859-14"]),
        ("ISO-8859-15", ["iso-8859-15", "iso8859-15", "latin9", "latin-9"]),
        ("ISO-8859-16", ["iso-8859-16", "iso8859-16"]),
        // Turkish senders write 8859-9 and use its superset, as with 8859-1.
        ("CP1254", ["windows-1254", "cp1254", "iso-8859-9", "iso8859-9", "latin5", "latin-5"]),
        ("CP874", ["windows-874", "cp874", "tis-620", "tis620", "iso-8859-11", "iso8859-11"]),
        ("CP1250", ["windows-1250", "cp1250", "cp-1250"]),
        ("CP1251", ["windows-1251", "cp1251", "cp-1251", "win-1251", "win1251"]),
        ("CP1253", ["windows-1253", "cp1253"]),
        ("CP1255", ["windows-1255", "cp1255"]),
        ("CP1256", ["windows-1256", "cp1256"]),
        ("CP1257", ["windows-1257", "cp1257"]),
        ("CP1258", ["windows-1258", "cp1258"]),
        ("KOI8-R", ["koi8-r", "koi8r", "koi8", "koi"]),
        ("KOI8-U", ["koi8-u", "koi8u", "koi8-ru"]),
        ("IBM437", ["ibm437", "cp437", "437"]),
        ("IBM850", ["ibm850", "cp850", "850"]),
        ("IBM852", ["ibm852", "cp852", "852"]),
        ("IBM866", ["ibm866", "cp866", "866"]),
        ("MACINTOSH", ["macintosh", "mac", "mac-roman", "macroman"]),
        ("MAC-CYRILLIC", ["mac-cyrillic", "mac-ukrainian"]),
        (
            "GB18030",
            [
                "gb18030", "gb2312", "gb-2312", "gb2312-80", "gb-2312-80", "gbk", "cp936", "ms936", "windows-936",
                "chinese", "euc-cn", "euccn", "csgb2312",
            ]
        ),
        // CP950 lacks the characters of Hong Kong, which senders use under the plain label.
        ("BIG5-HKSCS", ["big5", "big-5", "big5-hkscs", "cp950", "windows-950", "cn-big5", "csbig5"]),
        ("EUC-TW", ["euc-tw", "euctw"]),
        (
            "CP949",
            [
                "cp949", "ks-c-5601-1987", "ks-c-5601-1989", "ks-c-5601", "ksc5601", "ksc-5601", "ks-c5601", "euc-kr",
                "euckr", "korean", "windows-949", "uhc", "cseuckr", "5601",
            ]
        ),
        ("ISO-2022-KR", ["iso-2022-kr", "csiso2022kr"]),
        (
            "CP932",
            [
                "shift-jis", "shiftjis", "sjis", "cp932", "ms932", "windows-31j", "ms-kanji", "csshiftjis",
                "cswindows31j",
            ]
        ),
        ("EUC-JP-MS", ["euc-jp", "eucjp", "euc-jp-ms", "cseucpkdfmtjapanese"]),
        // The second edition contains the first, and what senders add to it.
        ("ISO-2022-JP-2", ["iso-2022-jp", "iso-2022-jp-1", "iso-2022-jp-2", "csiso2022jp", "jis"]),
        ("ISO-2022-JP-3", ["iso-2022-jp-3"]),
        ("ISO-2022-CN", ["iso-2022-cn"]),
        ("HZ", ["hz", "hz-gb-2312"]),
        ("TCVN", ["tcvn", "tcvn5712-1"]),
        ("VISCII", ["viscii"]),
        ("ARMSCII-8", ["armscii-8"]),
        ("GEORGIAN-PS", ["georgian-ps"]),
    ]
}
