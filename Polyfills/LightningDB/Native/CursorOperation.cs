namespace LightningDB.Native;

/// <summary>Where a cursor goes, in LMDB's numbers.</summary>
internal enum CursorOperation
{
    First = 0,
    GetCurrent = 4,
    Next = 8,
    SetRange = 17,
}
