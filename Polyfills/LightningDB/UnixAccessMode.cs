using System.Diagnostics.CodeAnalysis;

namespace LightningDB;

/// <summary>Whom a new file lets do what, as bits of a Unix mode; the process's mask takes away from it.</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "The package has it unsigned.")]
public enum UnixAccessMode : uint
{
    /// <summary>Others may write.</summary>
    OtherWrite = 0x2,

    /// <summary>Others may read.</summary>
    OtherRead = 0x4,

    /// <summary>The group may write.</summary>
    GroupWrite = 0x10,

    /// <summary>The group may read.</summary>
    GroupRead = 0x20,

    /// <summary>The owner may write.</summary>
    OwnerWrite = 0x80,

    /// <summary>The owner may read.</summary>
    OwnerRead = 0x100,

    /// <summary>All may read and write that the mask does not stop.</summary>
    Default = OwnerRead | OwnerWrite | GroupRead | GroupWrite | OtherRead | OtherWrite,
}
