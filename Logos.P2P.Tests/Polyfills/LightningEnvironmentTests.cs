using System.Runtime.Versioning;
using LightningDB;
using NUnit.Framework;

namespace Logos.P2P.Tests.Polyfills;

/// <summary>The files: making them, growing them, and what happens with files that are not in order.</summary>
[TestFixture]
internal sealed class LightningEnvironmentTests
{
    private const int VersionOffset = 20;
    private const int NoSuchFile = 2;

    private static readonly int PageBytes = Environment.SystemPageSize;

    private LmdbDirectory _directory = null!;

    // In so small a map the first write that has no room fails by itself; in the others the writes of single values
    // fit and the commit, which has to write down the pages that have become free, does not.
    private static IEnumerable<TestCaseData> FullMaps()
    {
        yield return new TestCaseData(8, false);
        yield return new TestCaseData(16, true);
        yield return new TestCaseData(32, true);
    }

    private static IEnumerable<TestCaseData> BadFiles()
    {
        yield return Case("random bytes", MDBResultCode.Invalid, file => new Random(1).NextBytes(file));
        yield return Case("text", MDBResultCode.Invalid, file => file.AsSpan().Fill((byte)'#'));
        yield return Case("first page lost", MDBResultCode.Invalid, file => file.AsSpan(0, PageBytes).Clear());
        yield return Case("second page lost", MDBResultCode.Invalid, file => file.AsSpan(PageBytes, PageBytes).Clear());
        yield return Case(
            "other version",
            MDBResultCode.VersionMismatch,
            file => file[VersionOffset] = file[PageBytes + VersionOffset] = 99);

        static TestCaseData Case(string name, MDBResultCode expected, Action<byte[]> damage) =>
            new TestCaseData(damage, expected).SetArgDisplayNames(name);
    }

    private static IEnumerable<int> LengthsOfCutFiles => [1, 100, PageBytes - 1, PageBytes, PageBytes + 100];

    [SetUp]
    public void MakeDirectory() => _directory = new LmdbDirectory();

    [TearDown]
    public void DeleteDirectory() => _directory.Dispose();

    [Test]
    public void A_directory_that_is_not_there_is_made()
    {
        string path = Path.Combine(_directory.Path, "new", "newer");
        using var environment = new LightningEnvironment(path);
        bool before = environment.IsOpened;

        environment.Open();

        Assert.Multiple(() =>
        {
            Assert.That(before, Is.False);
            Assert.That(environment.IsOpened, Is.True);
            Assert.That(environment.Path, Is.EqualTo(path));
            Assert.That(File.Exists(Path.Combine(path, "data.mdb")), Is.True);
        });
    }

    [Test]
    [UnsupportedOSPlatform("windows")]
    public void The_files_let_those_in_that_the_access_mode_names()
    {
        using LightningEnvironment environment = _directory.Prepare();

        environment.Open(accessMode: UnixAccessMode.OwnerRead | UnixAccessMode.OwnerWrite);

        Assert.That(
            File.GetUnixFileMode(_directory.DataFile), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    public void An_environment_needs_a_path(string? path) =>
        Assert.That(() => new LightningEnvironment(path!), Throws.InstanceOf<ArgumentException>());

    [Test]
    public void An_environment_opens_once_and_may_be_disposed_of_twice()
    {
        LightningEnvironment environment = _directory.Open();

        Assert.That(() => environment.Open(), Throws.InvalidOperationException);
        environment.Dispose();
        Assert.That(environment.Dispose, Throws.Nothing);
        Assert.That(environment.IsOpened, Is.False);
    }

    [Test]
    public void Databases_are_provided_for_before_opening()
    {
        using LightningEnvironment environment = _directory.Prepare(maxDatabases: 1);
        environment.MaxDatabases = 2;
        environment.Open();

        Assert.Multiple(() =>
        {
            Assert.That(environment.MaxDatabases, Is.EqualTo(2));
            Assert.That(() => environment.CreateDatabase("one"), Throws.Nothing);
            Assert.That(() => environment.CreateDatabase("two"), Throws.Nothing);
            Assert.That(() => environment.MaxDatabases = 3, Throws.InvalidOperationException);
        });
    }

    [TestCaseSource(nameof(FullMaps))]
    public void A_full_map_says_so_and_takes_more_once_it_has_grown(int pages, bool failsInCommit)
    {
        using LightningEnvironment environment = _directory.Open(mapSize: pages * PageBytes);
        LightningDatabase database = environment.CreateDatabase();
        int written = 0;
        bool committing;
        MDBResultCode result;

        do
        {
            result = TryWrite(environment, database, written, out committing);
        }
        while (result == MDBResultCode.Success && ++written < 10_000);

        Assert.That(result, Is.EqualTo(MDBResultCode.MapFull));
        Assert.That(committing, Is.EqualTo(failsInCommit));

        environment.MapSize *= 2;
        Assert.That(TryWrite(environment, database, written, out _), Is.EqualTo(MDBResultCode.Success));

        // What there was before is there still, and the file stays usable at its new size.
        environment.Dispose();
        using LightningEnvironment reopened = _directory.Open(mapSize: pages * PageBytes * 2);
        Assert.That(reopened.ReadKeys(reopened.CreateDatabase()), Has.Length.EqualTo(written + 1));
    }

    [Test]
    public void A_transaction_that_met_a_full_map_can_only_be_aborted()
    {
        using LightningEnvironment environment = _directory.Open(mapSize: 16 * PageBytes);
        LightningDatabase database = environment.CreateDatabase();
        using LightningTransaction transaction = environment.BeginTransaction();

        MDBResultCode full = transaction.Put(database, "key"u8, new byte[64 * PageBytes]);
        MDBResultCode afterwards = transaction.Commit();

        Assert.Multiple(() =>
        {
            Assert.That(full, Is.EqualTo(MDBResultCode.MapFull));
            Assert.That(afterwards, Is.EqualTo(MDBResultCode.BadTxn));
            Assert.That(environment.ReadKeys(database), Is.Empty);
        });
    }

    [Test]
    public void The_map_cannot_grow_under_a_writer()
    {
        using LightningEnvironment environment = _directory.Open();
        using LightningTransaction transaction = environment.BeginTransaction();

        const int InvalidArgument = 22;
        Assert.That(
            () => environment.MapSize *= 2,
            Throws.InstanceOf<LightningException>()
                .With.Property(nameof(LightningException.StatusCode)).EqualTo(InvalidArgument));
    }

    [TestCaseSource(nameof(BadFiles))]
    public void A_file_that_is_not_in_order_is_refused_with_the_reason(Action<byte[]> damage, MDBResultCode expected)
    {
        WriteSomething();
        byte[] file = File.ReadAllBytes(_directory.DataFile);
        damage(file);
        File.WriteAllBytes(_directory.DataFile, file);

        AssertRefused(expected);
    }

    [TestCaseSource(nameof(LengthsOfCutFiles))]
    public void A_file_that_is_cut_short_is_refused_with_the_reason(int length)
    {
        WriteSomething();
        using (FileStream file = File.OpenWrite(_directory.DataFile))
            file.SetLength(length);

        AssertRefused(MDBResultCode.Invalid);
    }

    [Test]
    public void Damage_behind_the_first_pages_shows_when_a_database_is_opened()
    {
        WriteSomething();
        byte[] file = File.ReadAllBytes(_directory.DataFile);
        file.AsSpan(2 * PageBytes).Clear();
        File.WriteAllBytes(_directory.DataFile, file);
        using LightningEnvironment environment = _directory.Open();
        using LightningTransaction transaction = environment.BeginTransaction(TransactionBeginFlags.ReadOnly);

        Assert.That(
            () => transaction.OpenDatabase(LmdbDirectory.Database),
            Throws.InstanceOf<LightningException>()
                .With.Property(nameof(LightningException.StatusCode)).EqualTo((int)MDBResultCode.Corrupted));
    }

    [Test]
    public void Nothing_is_made_where_there_is_only_to_be_read()
    {
        using LightningEnvironment environment = _directory.Prepare();

        Assert.That(
            () => environment.Open(EnvironmentOpenFlags.ReadOnly),
            Throws.InstanceOf<LightningException>()
                .With.InnerException.Property(nameof(LightningException.StatusCode)).EqualTo(NoSuchFile));
    }

    private static MDBResultCode TryWrite(
        LightningEnvironment environment, LightningDatabase database, int number, out bool committing)
    {
        using LightningTransaction transaction = environment.BeginTransaction();
        MDBResultCode put = transaction.Put(database, BitConverter.GetBytes(number), new byte[PageBytes / 20]);

        committing = put == MDBResultCode.Success;
        return committing ? transaction.Commit() : put;
    }

    private void WriteSomething()
    {
        using LightningEnvironment environment = _directory.Open();
        environment.PutAndCommit(environment.CreateDatabase(), 1, 2, 3);
    }

    private void AssertRefused(MDBResultCode expected)
    {
        LightningEnvironment environment = _directory.Prepare();

        Assert.That(
            () => environment.Open(),
            Throws.InstanceOf<LightningException>()
                .With.Message.EqualTo($"Failed to open environment at path {_directory.Path}")
                .And.InnerException.InstanceOf<LightningException>()
                .And.InnerException.Property(nameof(LightningException.StatusCode)).EqualTo((int)expected));
        Assert.That(environment.IsOpened, Is.False);

        // The failed environment can be let go of, and the directory used anew.
        environment.Dispose();
        File.Delete(_directory.DataFile);
        Assert.That(WriteSomething, Throws.Nothing);
    }
}
