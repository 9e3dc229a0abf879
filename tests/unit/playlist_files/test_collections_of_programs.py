"""Given the collection of some program's in XML, then each of its playlists is read, in its order."""

import pytest

from musicconnect.playlist_files.readers import UnreadableError
from tests.unit.playlist_files import factories

ITUNES = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>
<key>Major Version</key><integer>1</integer>
<key>Tracks</key><dict>
 <key>11</key><dict><key>Track ID</key><integer>11</integer><key>Name</key><string>Reed &amp; Rush</string>
  <key>Artist</key><string>Oar</string><key>Album</key><string>Estuary</string>
  <key>Total Time</key><integer>216000</integer></dict>
 <key>12</key><dict><key>Track ID</key><integer>12</integer>
  <key>Location</key><string>file:///Music/Vale/Tape/02%20Ferry.m4a</string></dict>
</dict>
<key>Playlists</key><array>
 <dict><key>Name</key><string>Library</string><key>Master</key><true/>
  <key>Playlist Items</key><array><dict><key>Track ID</key><integer>11</integer></dict></array></dict>
 <dict><key>Name</key><string>Folder</string><key>Folder</key><true/></dict>
 <dict><key>Name</key><string>Road</string><key>Playlist Items</key><array>
  <dict><key>Track ID</key><integer>12</integer></dict><dict><key>Track ID</key><integer>11</integer></dict>
  <dict><key>Track ID</key><integer>99</integer></dict></array></dict>
</array></dict></plist>"""
REKORDBOX = """<?xml version="1.0" encoding="UTF-8"?><DJ_PLAYLISTS Version="1.0.0"><PRODUCT Name="rekordbox"/>
<COLLECTION Entries="2">
<TRACK TrackID="11" Name="Reed &amp; Rush" Artist="Oar" Album="Estuary" TotalTime="216"
 Location="file://localhost/a.mp3"/>
<TRACK TrackID="12" Name="Ferry" Artist="Vale" Album="Tape" TotalTime="200"
 Location="file://localhost/b.mp3"/>
</COLLECTION><PLAYLISTS><NODE Type="0" Name="ROOT">
<NODE Name="Road" Type="1" KeyType="{kind}" Entries="3">
<TRACK Key="{second}"/><TRACK Key="{first}"/><TRACK Key="x"/>
</NODE></NODE></PLAYLISTS></DJ_PLAYLISTS>"""
TRAKTOR = """<?xml version="1.0" encoding="UTF-8"?><NML VERSION="19"><COLLECTION ENTRIES="2">
<ENTRY TITLE="Reed &amp; Rush" ARTIST="Oar"><LOCATION DIR="/:Music/:" FILE="a.mp3" VOLUME="C:"/>
<ALBUM TITLE="Estuary"/><INFO PLAYTIME="216"/></ENTRY>
<ENTRY TITLE="Ferry" ARTIST="Vale"><LOCATION DIR="/:Music/:" FILE="b.mp3" VOLUME="C:"/>
<ALBUM TITLE="Tape"/></ENTRY>
</COLLECTION><PLAYLISTS><NODE TYPE="FOLDER" NAME="$ROOT"><SUBNODES><NODE TYPE="PLAYLIST" NAME="Road">
<PLAYLIST ENTRIES="3" TYPE="LIST">
<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="C:/:Music/:b.mp3"/></ENTRY>
<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="C:/:Music/:a.mp3"/></ENTRY>
<ENTRY><PRIMARYKEY TYPE="TRACK" KEY="C:/:gone.mp3"/></ENTRY>
</PLAYLIST></NODE></SUBNODES></NODE></PLAYLISTS></NML>"""
LIBRARIES = {
    "iTunes": ITUNES,
    "rekordbox by ids": REKORDBOX.format(kind=0, first=11, second=12),
    "rekordbox by places": REKORDBOX.format(
        kind=1, first="file://localhost/a.mp3", second="file://localhost/b.mp3"
    ),
    "Traktor": TRAKTOR,
}
LISTS = {
    "WPL": r"""<?wpl version="1.0"?><smil><head><title>Road</title></head><body><seq>
        <media src="..\Music\Vale\Tape\02 Ferry.mp3"/>
        <media src="..\Music\Oar\Estuary\01 Reed &amp; Rush.mp3"/>
        <media src="http://radio.example/"/></seq></body></smil>""",
    "ZPL": """<?zpl version="2.0"?><smil><head><title>Road</title></head><body><seq>
        <media src="a.mp3" trackTitle="Ferry" trackArtist="Vale" albumTitle="Tape" duration="200000"/>
        <media src="b.mp3" trackTitle="Reed &amp; Rush" trackArtist="Oar" albumTitle="Estuary"
         duration="216000"/>
        <media src="http://radio.example/"/></seq></body></smil>""",
    "ASX": """<ASX version="3.0"><Title>Road</Title>
        <Entry><Title>Ferry</Title><Author>Vale</Author><Ref HREF="http://x.example/a?b=1&c=2"/></Entry>
        <Entry><Title>Reed & Rush</Title><Author>Oar</Author><Ref HREF="b"/></Entry>
        <Entry><Ref HREF="http://radio.example/"/></Entry></ASX>""",
}


@pytest.mark.parametrize("program", LIBRARIES)
def test_playlists_of_a_collection_in_their_order(program: str) -> None:
    [(head, [first, second])], faults = factories.read_with_faults(LIBRARIES[program].encode())
    assert head.name == "Road"
    assert (first.title, first.artists, first.album) == ("Ferry", ("Vale",), "Tape")
    assert (second.title, second.artists, second.album) == ("Reed & Rush", ("Oar",), "Estuary")
    assert second.duration_ms == 216_000
    assert [(fault.line, fault.reason) for fault in faults] == [
        (3, "its track is not in the file (playlist 1)")
    ]


@pytest.mark.parametrize("program", LISTS)
def test_lists_of_windows_players(program: str) -> None:
    [(head, [first, second])], faults = factories.read_with_faults(LISTS[program].encode())
    assert head.name == "Road"
    assert (first.title, first.artists) == ("Ferry", ("Vale",))
    assert (second.title, second.artists) == ("Reed & Rush", ("Oar",))
    assert [fault.line for fault in faults] == [3]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ('<!DOCTYPE plist [<!ENTITY a "b">]><plist><dict><key>&a;</key></dict></plist>', "entit"),
        ("<plist version='1.0'><dict></dict></plist>", "no playlist"),
        ("<DJ_PLAYLISTS><COLLECTION>", "cannot be read"),
        ("<smil>" + "<a>" * 60, "too deeply"),
    ],
)
def test_damaged_collections_are_refused_in_words(data: str, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        factories.read(data.encode())
