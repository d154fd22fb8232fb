/// Frames and messages of specs/terminals.md §4.1 and §4.2, with where they come from. Facts, not code, of the
/// projects named there; "computed" ones follow from the rules of §2.2.
enum ZVTVectors {
  struct Frame: Sendable {
    var hex: String
    var apdu: String
    var meaning: String
  }

  /// Serial frames, §4.1.
  static let frames: [Frame] = [
    Frame(hex: "10 02 80 00 00 10 03 F5 1F", apdu: "80 00 00", meaning: "positive answer"),
    Frame(hex: "10 02 05 01 03 12 34 56 10 03 E0 43", apdu: "05 01 03 12 34 56", meaning: "status enquiry"),
    Frame(
      hex: "10 02 05 01 05 12 34 56 03 04 10 03 30 94", apdu: "05 01 05 12 34 56 03 04",
      meaning: "status enquiry"),
    Frame(
      hex: "10 02 06 00 06 12 34 56 BA 09 78 10 03 24 C3", apdu: "06 00 06 12 34 56 BA 09 78",
      meaning: "registration"),
    Frame(hex: "10 02 06 93 03 12 34 56 10 03 CA A4", apdu: "06 93 03 12 34 56", meaning: "initialisation"),
    Frame(
      hex: "10 02 06 01 0A 04 00 00 00 01 10 10 00 49 09 78 10 03 F2 FF",
      apdu: "06 01 0A 04 00 00 00 01 10 00 49 09 78", meaning: "authorisation"),
    Frame(hex: "10 02 06 70 00 10 03 D9 F9", apdu: "06 70 00", meaning: "diagnosis"),
    Frame(hex: "10 02 84 9C 00 10 03 C3 41", apdu: "84 9C 00", meaning: "negative answer"),
    Frame(hex: "10 02 06 18 00 10 03 56 3A", apdu: "06 18 00", meaning: "reset terminal"),
    Frame(
      hex: "10 02 06 0F 0B F0 F0 F7 32 2E 31 34 2E 31 35 00 10 03 B1 11",
      apdu: "06 0F 0B F0 F0 F7 32 2E 31 34 2E 31 35 00", meaning: "completion"),
    Frame(hex: "10 02 04 FF 01 0A 10 03 F5 7D", apdu: "04 FF 01 0A", meaning: "intermediate status"),
    Frame(hex: "10 02 06 0F 00 10 03 C6 33", apdu: "06 0F 00", meaning: "completion"),
    Frame(hex: "10 02 06 B0 00 10 03 43 F3", apdu: "06 B0 00", meaning: "abort request"),
    Frame(hex: "10 02 06 02 00 10 03 B9 CC", apdu: "06 02 00", meaning: "log-off"),
    Frame(hex: "10 02 06 1E 01 6C 10 03 C9 F2", apdu: "06 1E 01 6C", meaning: "abort"),
    Frame(hex: "10 02 84 83 00 10 03 91 8E", apdu: "84 83 00", meaning: "negative answer"),
    Frame(
      hex: "10 02 06 20 05 12 34 56 03 03 10 03 70 38", apdu: "06 20 05 12 34 56 03 03",
      meaning: "repeat receipt"),
    Frame(hex: "10 02 06 50 03 12 34 56 10 03 C4 AF", apdu: "06 50 03 12 34 56", meaning: "end of day"),
    Frame(
      hex: "10 02 06 30 0D 12 34 56 04 00 00 00 00 12 50 87 00 42 10 03 2B 70",
      apdu: "06 30 0D 12 34 56 04 00 00 00 00 12 50 87 00 42", meaning: "reversal"),
    Frame(
      hex: "10 02 06 01 0A 04 00 00 00 02 53 08 49 09 78 10 03 10 03",
      apdu: "06 01 0A 04 00 00 00 02 53 08 49 09 78", meaning: "authorisation"),
    Frame(
      hex: "10 02 06 01 0A 04 00 00 00 11 75 33 49 09 78 10 03 10 10",
      apdu: "06 01 0A 04 00 00 00 11 75 33 49 09 78", meaning: "authorisation"),
  ]

  struct Message: Sendable {
    var hex: String
    /// What is understood, as ``describe(_:)`` writes it.
    var fields: String
  }

  /// Whole messages, §4.2.
  static let messages: [Message] = [
    Message(hex: "06 01 07 04 00 00 00 00 10 00", fields: "amount=1000"),
    Message(
      hex: "06 01 09 04 00 00 00 00 33 00 02 0A", fields: "amount=3300 maximum_status_information=10"),
    Message(hex: "84 9D 07 04 00 00 00 00 22 00", fields: "amount=2200"),
    Message(
      hex: "06 00 14 00 00 00 9E 09 78 06 0C 26 04 0A 02 06 D3 1F 73 03 00 00 00",
      fields:
        "password=<3> configuration=9e currency='978' tlv={permitted_commands={command=06d3} message_id=0}"),
    Message(
      hex: "06 0F 18 19 00 29 65 00 00 28 49 09 78 06 0C 26 04 0A 02 06 D3 1F 73 03 00 00 00",
      fields:
        "status_byte=00 terminal_id='65000028' currency='978' tlv={permitted_commands={command=06d3} message_id=0}"
    ),
    Message(
      hex: "06 0F 12 19 00 29 65 00 00 28 49 09 78 06 06 26 04 0A 02 06 D3",
      fields: "status_byte=00 terminal_id='65000028' currency='978' tlv={permitted_commands={command=06d3}}"),
    Message(hex: "80 00 08 06 06 1F 73 03 00 00 01", fields: "tlv={message_id=1}"),
    Message(
      hex: """
        04 0F 25 27 05 29 29 00 02 74 3C F0 F0 F9 41 62 67 65 6C 65 68 6E 74
        8A 06 06 0D 24 0B 07 09 41 62 67 65 6C 65 68 6E 74
        """,
      fields: """
        result_code=05(declined by the authorisation host) terminal_id='29000274' additional_text="Abgelehnt" \
        card_type=6(Mastercard) tlv={display_texts={text="Abgelehnt"}}
        """),
    Message(
      hex:
        "04 0F 1E 27 6C 29 28 00 48 69 3C F0 F1 F9 41 62 62 72 75 63 68 20 64 75 72 63 68 20 4B 75 6E 64 65",
      fields: """
        result_code=6c(aborted or timed out) terminal_id='28004869' additional_text="Abbruch durch Kunde"
        """),
    Message(hex: "06 1E 01 6C", fields: "result_code=6c(aborted or timed out)"),
    Message(hex: "06 1E 01 05", fields: "result_code=05(declined by the authorisation host)"),
    Message(
      hex: "06 1E 04 B8 87 FF FF", fields: "result_code=b8(pre-authorisation error) receipt_number=<2>"),
    Message(hex: "06 0F 02 27 E0", fields: "result_code=e0(remote maintenance)"),
    Message(hex: "06 0F 01 DC", fields: "terminal_status=dc(card inserted)"),
    Message(
      hex: "06 0F 0A 19 00 29 29 00 10 06 49 09 78",
      fields: "status_byte=00 terminal_id='29001006' currency='978'"),
    Message(
      hex: """
        04 FF 2E 0A 01 06 2A 24 28 07 26 53 74 65 63 6B 65 6E 20 6F 64 65 72 20 20 20 20 20 20 20 0A 4B 61
        72 74 65 20 76 6F 72 68 61 6C 74 65 6E 20 20 20
        """,
      fields: """
        status=0a(insert card) timeout_minutes=1 \
        tlv={display_texts={text="Stecken oder       \\nKarte vorhalten   "}}
        """),
    Message(
      hex: "06 D1 08 00 20 06 04 1F 07 01 02", fields: "attribute=00 text=\" \" tlv={receipt_kind=2}"),
    Message(hex: "06 D1 07 81 06 04 1F 07 01 01", fields: "attribute=81 text=\"\" tlv={receipt_kind=1}"),
    Message(hex: "06 D1 01 81", fields: "attribute=81 text=\"\""),
    Message(
      hex: "06 D1 0D 00 54 65 73 74 20 84 20 94 20 81 20 E1", fields: "attribute=00 text=\"Test ä ö ü ß\""),
    Message(
      hex: "04 0F 17 27 00 06 13 4C 0A 00 00 00 04 63 C8 B2 AE 4F 80 1F 4C 01 01 1F 4D 02",
      fields: "result_code=00(ok) tlv={unknown_tag=<10> card_technology_detail=01} | 20+3 truncated"),
    Message(
      hex: "04 0F 18 27 00 06 14 4C 0A 00 00 00 04 63 C8 B2 AE 4F 80 1F 4C 01 01 1F 4D 01 00",
      fields: "result_code=00(ok) tlv={unknown_tag=<10> card_technology_detail=01 card_sub_type=00}"),
    Message(hex: "05 01 05 12 34 56 03 04", fields: "password=<3> service_byte=04"),
    Message(
      hex: "06 0F 0B F0 F0 F7 32 2E 31 34 2E 31 35 00",
      fields: "software_version=\"2.14.15\" terminal_status=00(ready)"),
    Message(hex: "06 00 06 12 34 56 BA 09 78", fields: "password=<3> configuration=ba currency='978'"),
    Message(
      hex: "06 30 0D 12 34 56 04 00 00 00 00 12 50 87 00 42",
      fields: "password=<3> amount=1250 receipt_number=42"),
  ]
}
