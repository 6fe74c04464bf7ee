internal import Bytes

/// Character references (WHATWG HTML §13.2.5.72): numeric ones, and the names that mail uses.
enum HTMLEntities {
    /// Octets of a name, the longest that is known and some.
    private static let maximumNameLength = 12

    /// The text with references replaced; what is none stays as it is.
    static func replaced(_ text: ArraySlice<UInt8>) -> String {
        guard var mark = ByteSearch.first(ampersand, in: text, from: text.startIndex) else {
            return String(lossy: text)
        }
        var output: [UInt8] = []
        output.reserveCapacity(text.count)
        var position = text.startIndex
        while true {
            output.append(contentsOf: text[position..<mark])
            if let (scalar, end) = reference(in: text, at: mark) {
                output.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
                position = end
            } else {
                output.append(ampersand)
                position = mark + 1
            }
            guard let next = ByteSearch.first(ampersand, in: text, from: position) else { break }
            mark = next
        }
        output.append(contentsOf: text[position...])
        return String(lossy: output)
    }

    private static let ampersand = UInt8(ascii: "&")

    /// The character that the reference at `mark` means, and the place behind it.
    private static func reference(in text: ArraySlice<UInt8>, at mark: Int) -> (Unicode.Scalar, Int)? {
        let rest = text[(mark + 1)...]
        if rest.first == UInt8(ascii: "#") { return numeric(rest.dropFirst()) }
        let name = rest.prefix(maximumNameLength).prefix { ASCII.isLetter($0) || ASCII.isDigit($0) }
        let isClosed = name.endIndex < text.endIndex && text[name.endIndex] == ASCII.semicolon
        if let scalar = named[String(lossy: name)], isClosed { return (scalar, name.endIndex + 1) }
        // The oldest names count without a semicolon too, when no further letter makes another word of them.
        guard !isClosed, let scalar = unclosed[String(lossy: name)] else { return nil }
        return (scalar, name.endIndex)
    }

    private static func numeric(_ rest: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        let isHexadecimal = rest.first.map { $0 | 0x20 == UInt8(ascii: "x") } ?? false
        let digits = (isHexadecimal ? rest.dropFirst() : rest).prefix {
            isHexadecimal ? ASCII.hexValue($0) != nil : ASCII.isDigit($0)
        }
        guard !digits.isEmpty else { return nil }
        var value: UInt32 = 0
        for digit in digits where value < 0x110000 {
            value = value * (isHexadecimal ? 16 : 10) + UInt32(ASCII.hexValue(digit) ?? 0)
        }
        let end = rest.endIndex > digits.endIndex && rest[digits.endIndex] == ASCII.semicolon
        return (scalar(value), digits.endIndex + (end ? 1 : 0))
    }

    /// 128 to 159 mean what they mean in windows-1252; zero and surrogates are no characters.
    private static func scalar(_ value: UInt32) -> Unicode.Scalar {
        if (0x80..<0xA0).contains(value), let known = Windows1252.decode([UInt8(value)]).unicodeScalars.first {
            return known
        }
        return value == 0 ? "\u{FFFD}" : Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private static let unclosed: [String: Unicode.Scalar] = {
        var table: [String: Unicode.Scalar] = ["amp": "&", "lt": "<", "gt": ">", "quot": "\""]
        for (place, name) in latin1.split(whereSeparator: \.isWhitespace).enumerated() {
            table[String(name)] = Unicode.Scalar(UInt8(0xA0 + place))
        }
        return table
    }()

    private static let named: [String: Unicode.Scalar] = {
        var table = unclosed
        let words = others.split(whereSeparator: \.isWhitespace)
        for place in stride(from: 0, to: words.count - 1, by: 2) {
            table[String(words[place])] = UInt32(words[place + 1]).flatMap(Unicode.Scalar.init)
        }
        return table
    }()

    /// The names of 160 to 255, in order.
    private static let latin1 = """
        nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy reg macr deg plusmn sup2 sup3
        acute micro para middot cedil sup1 ordm raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde
        Auml Aring AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde Ograve Oacute Ocirc
        Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml Yacute THORN szlig agrave aacute acirc atilde auml
        aring aelig ccedil egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve oacute ocirc
        otilde ouml divide oslash ugrave uacute ucirc uuml yacute thorn yuml
        """

    /// Names and numbers.
    private static let others = """
        quot 34 amp 38 lt 60 gt 62 apos 39 OElig 338 oelig 339 Scaron 352 scaron 353 Yuml 376 circ 710 tilde 732
        ensp 8194 emsp 8195 thinsp 8201 zwnj 8204 zwj 8205 lrm 8206 rlm 8207 ndash 8211 mdash 8212 lsquo 8216
        rsquo 8217 sbquo 8218 ldquo 8220 rdquo 8221 bdquo 8222 dagger 8224 Dagger 8225 permil 8240 lsaquo 8249
        rsaquo 8250 euro 8364 fnof 402 Alpha 913 Beta 914 Gamma 915 Delta 916 Epsilon 917 Zeta 918 Eta 919 Theta
        920 Iota 921 Kappa 922 Lambda 923 Mu 924 Nu 925 Xi 926 Omicron 927 Pi 928 Rho 929 Sigma 931 Tau 932
        Upsilon 933 Phi 934 Chi 935 Psi 936 Omega 937 alpha 945 beta 946 gamma 947 delta 948 epsilon 949 zeta
        950 eta 951 theta 952 iota 953 kappa 954 lambda 955 mu 956 nu 957 xi 958 omicron 959 pi 960 rho 961
        sigmaf 962 sigma 963 tau 964 upsilon 965 phi 966 chi 967 psi 968 omega 969 thetasym 977 upsih 978 piv
        982 bull 8226 hellip 8230 prime 8242 Prime 8243 oline 8254 frasl 8260 weierp 8472 image 8465 real 8476
        trade 8482 alefsym 8501 larr 8592 uarr 8593 rarr 8594 darr 8595 harr 8596 crarr 8629 lArr 8656 uArr 8657
        rArr 8658 dArr 8659 hArr 8660 forall 8704 part 8706 exist 8707 empty 8709 nabla 8711 isin 8712 notin
        8713 ni 8715 prod 8719 sum 8721 minus 8722 lowast 8727 radic 8730 prop 8733 infin 8734 ang 8736 and 8743
        or 8744 cap 8745 cup 8746 int 8747 there4 8756 sim 8764 cong 8773 asymp 8776 ne 8800 equiv 8801 le 8804
        ge 8805 sub 8834 sup 8835 nsub 8836 sube 8838 supe 8839 oplus 8853 otimes 8855 perp 8869 sdot 8901 lceil
        8968 rceil 8969 lfloor 8970 rfloor 8971 lang 9001 rang 9002 loz 9674 spades 9824 clubs 9827 hearts 9829
        diams 9830 Aogon 260 aogon 261 Cacute 262 cacute 263 Ccaron 268 ccaron 269 Dcaron 270 dcaron 271 Eogon
        280 eogon 281 Ecaron 282 ecaron 283 Lstrok 321 lstrok 322 Nacute 323 nacute 324 Ncaron 327 ncaron 328
        Odblac 336 odblac 337 Rcaron 344 rcaron 345 Sacute 346 sacute 347 Scedil 350 scedil 351 Tcaron 356
        tcaron 357 Uring 366 uring 367 Udblac 368 udblac 369 Zacute 377 zacute 378 Zdot 379 zdot 380 Zcaron 381
        zcaron 382 check 10003 phone 9742 star 9734 starf 9733 hyphen 8208 horbar 8213 commat 64 num 35 lbrack
        91 rbrack 93 lbrace 123 rbrace 125 lpar 40 rpar 41 colon 58 semi 59 comma 44 period 46 excl 33 quest 63
        percnt 37 dollar 36 plus 43 equals 61 lowbar 95 sol 47 bsol 92 ast 42 grave 96 verbar 124 Tab 9 NewLine
        10
        """
}
