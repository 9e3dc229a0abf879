from musicconnect.music.model import Track


def song(title="Slow River", *artists, seconds=None, album=None, isrc=None, explicit=None, name="song"):
    """A track as a music service states it, by the invented Ola Fen unless said otherwise."""
    return Track(
        provider="spotify", id=name, title=title, artists=artists or ("Ola Fen",), album=album, isrc=isrc,
        explicit=explicit, duration_ms=None if seconds is None else round(seconds * 1000),
    )  # fmt: skip


def video(title, channel=None, seconds=None, description=None, name="video"):
    """An upload."""
    return Track(
        provider="youtube", id=name, title=title, channel=channel, description=description,
        duration_ms=None if seconds is None else round(seconds * 1000),
    )  # fmt: skip
