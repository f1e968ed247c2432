using Logos.P2P.Relay;
using NUnit.Framework;

namespace Logos.P2P.Tests.Relay;

/// <summary>Who gets payloads, by what was learned before.</summary>
internal sealed class TreePolicyTests
{
    private const uint Origin = 7;
    private const int Size = 1000;

    private static readonly int[] Links = [1, 2, 3];

    private IRelayPolicy _policy = null!;

    [SetUp]
    public void SetUp() => _policy = new TreePolicy(new TreeTuning());

    [Test]
    public void The_first_message_of_an_origin_goes_to_all() => Assert.That(Choose(Message()), Is.EqualTo(Links));

    [Test]
    public void Until_there_is_word_the_following_ones_go_to_all_as_well()
    {
        Choose(Message());

        Assert.That(Choose(Message()), Is.EqualTo(Links));
    }

    [Test]
    public void Whoever_had_it_already_gets_announcements_from_then_on()
    {
        Choose(Message());

        _policy.Learn(Message(), 2, isUseful: false);

        Assert.That(Choose(Message()), Is.EqualTo(new[] { 1, 3 }));
    }

    [Test]
    public void Whoever_asks_for_what_was_announced_gets_payloads_from_then_on()
    {
        Choose(Message());
        _policy.Learn(Message(), 2, isUseful: false);

        _policy.Learn(Message(), 2, isUseful: true);
        Assert.That(Choose(Message()), Is.EqualTo(new[] { 1, 3 }), "Once may be chance: 0.25 is below the threshold.");
        _policy.Learn(Message(), 2, isUseful: true);

        Assert.That(Choose(Message()), Is.EqualTo(Links));
    }

    [Test]
    public void A_useful_link_is_given_up_after_five_useless_payloads_and_not_before()
    {
        Choose(Message());
        _policy.Learn(Message(), 2, isUseful: true);
        for (int useless = 1; useless <= 5; useless++)
        {
            _policy.Learn(Message(), 2, isUseful: false);
            Assert.That(Choose(Message()).Contains(2), Is.EqualTo(useless < 5), $"{useless} times useless");
        }
    }

    [Test]
    public void A_new_link_is_announced_to_until_it_asks()
    {
        Choose(Message());

        Assert.That(Choose(Message(), 1, 2, 3, 4), Is.EqualTo(Links));
        _policy.Learn(Message(), 4, isUseful: true);
        Assert.That(Choose(Message(), 1, 2, 3, 4), Is.EqualTo(new[] { 1, 2, 3, 4 }));
    }

    [Test]
    public void Each_origin_has_a_tree_of_its_own()
    {
        Choose(Message(label: 7));
        Choose(Message(label: 8));

        _policy.Learn(Message(label: 7), 1, isUseful: false);

        Assert.That(Choose(Message(label: 7)), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(Choose(Message(label: 8)), Is.EqualTo(Links));
    }

    [Test]
    public void Large_messages_of_an_origin_go_other_ways_than_small_ones()
    {
        Choose(Message(size: NodeDefaults.LargeMessage - 1));
        Choose(Message(size: NodeDefaults.LargeMessage));

        _policy.Learn(Message(size: NodeDefaults.LargeMessage), 1, isUseful: false);

        Assert.That(Choose(Message(size: NodeDefaults.LargeMessage - 1)), Is.EqualTo(Links));
        Assert.That(Choose(Message(size: NodeDefaults.LargeMessage)), Is.EqualTo(new[] { 2, 3 }));
    }

    [Test]
    public void Where_the_origin_is_unknown_ways_are_learned_by_the_link_that_a_message_came_on()
    {
        RelayStep fromFive = Message(label: 0, from: 5), fromSix = Message(label: 0, from: 6);
        Assert.That(Choose(fromFive), Is.EqualTo(Links), "A link not heard from gets everything.");

        _policy.Learn(fromFive, 1, isUseful: false);

        Assert.That(Choose(fromFive), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(Choose(fromSix), Is.EqualTo(Links));
        Assert.That(Choose(Message(label: 0, from: RelayStep.Self)), Is.EqualTo(Links));
    }

    [Test]
    public void What_many_trees_share_is_learned_slowly_and_pushed_generously()
    {
        RelayStep step = Message(label: 0, from: 5);
        _policy.Learn(step, 1, isUseful: true);
        int useless = 0;
        while (Choose(step).Contains(1))
        {
            _policy.Learn(step, 1, isUseful: false);
            useless++;
        }

        Assert.That(useless, Is.EqualTo(29), "0.9 to the 29th is the first below 0.05.");
    }

    [Test]
    public void One_link_may_start_32_floods_at_once_and_two_a_second_then_others_still_may()
    {
        // Without word of anybody all get everything anyway, so let the rows of the link know better.
        _policy.Learn(Message(label: 0, from: 5), 1, isUseful: false);
        _policy.Learn(Message(label: 0, from: 6), 1, isUseful: false);
        uint label = 1000;

        Assert.That(Floods(5, 40, TimeSpan.Zero), Is.EqualTo(TreePolicy.LinkFloodBurst));
        Assert.That(Floods(5, 10, TimeSpan.FromSeconds(2)), Is.EqualTo(2 * TreePolicy.LinkFloodRate));
        Assert.That(Floods(6, 10, TimeSpan.FromSeconds(2)), Is.EqualTo(10));

        int Floods(int from, int count, TimeSpan now) =>
            Enumerable.Range(0, count).Count(_ => Choose(Message(++label, from: from), now).Contains(1));
    }

    [Test]
    public void All_links_together_may_start_64_floods_at_once_and_eight_a_second()
    {
        int floods = Floods(TimeSpan.Zero), later = Floods(TimeSpan.FromSeconds(1));

        Assert.That((floods, later), Is.EqualTo((TreePolicy.FloodBurst, TreePolicy.FloodRate)));

        int Floods(TimeSpan now)
        {
            int count = 0;
            for (int from = 10; from < 30; from++)
            {
                _policy.Learn(Message(label: 0, from: from), 1, isUseful: false);
                for (int i = 0; i < 10; i++)
                {
                    uint label = (uint)((now.TotalMilliseconds * 1000) + (from * 10) + i);
                    count += Choose(Message(label, from: from), now).Contains(1) ? 1 : 0;
                }
            }

            return count;
        }
    }

    [Test]
    public void Our_own_origins_are_flooded_without_a_budget()
    {
        for (uint label = 1; label <= 500; label++)
            Assert.That(Choose(Message(label, from: RelayStep.Self)), Is.EqualTo(Links));
    }

    [Test]
    public void Whoever_invents_origins_has_a_quarter_of_the_rows_at_most()
    {
        _policy.Learn(Message(label: 0, from: 5), 1, isUseful: false);
        // Slowly enough for every budget.
        int floods = Enumerable.Range(1, 4 * TreePolicy.MaxRows)
            .Count(i => Choose(Message((uint)i, from: 5), TimeSpan.FromSeconds(i)).Contains(1));

        Assert.That(floods, Is.EqualTo(TreePolicy.MaxRowsOfLink));
    }

    [Test]
    public void The_next_link_in_the_slot_of_one_that_invented_origins_starts_with_a_clean_slate()
    {
        for (int i = 1; i <= 2 * TreePolicy.MaxRows; i++)
            Choose(Message((uint)i, from: 5), TimeSpan.FromSeconds(i));
        _policy.Close(5);
        _policy.Learn(Message(label: 0, from: 5), 1, isUseful: false);

        Assert.That(Choose(Message(1_000_000, from: 5), TimeSpan.FromSeconds(10_000)), Is.EqualTo(Links));
    }

    [Test]
    public void When_there_are_too_many_origins_the_one_not_used_for_longest_is_forgotten()
    {
        Choose(Message(Origin, from: RelayStep.Self), TimeSpan.Zero);
        _policy.Learn(Message(Origin, from: RelayStep.Self), 1, isUseful: false);
        Assert.That(Choose(Message(Origin, from: RelayStep.Self), TimeSpan.FromSeconds(1)), Is.EqualTo(new[] { 2, 3 }));

        for (uint i = 1; i <= 10 * TreePolicy.MaxRows; i++)
            Choose(Message(1000 + i, from: RelayStep.Self), TimeSpan.FromSeconds(1 + i));

        Assert.That(
            Choose(Message(Origin, from: RelayStep.Self), TimeSpan.FromDays(1)), Is.EqualTo(Links), "It is a new origin again.");
    }

    [Test]
    public void An_origin_in_use_outlives_any_number_of_others()
    {
        Choose(Message(Origin, from: RelayStep.Self), TimeSpan.Zero);
        _policy.Learn(Message(Origin, from: RelayStep.Self), 1, isUseful: false);

        for (uint i = 1; i <= 10 * TreePolicy.MaxRows; i++)
        {
            TimeSpan now = TimeSpan.FromSeconds(i);
            Choose(Message(1000 + i, from: RelayStep.Self), now);
            Assert.That(Choose(Message(Origin, from: RelayStep.Self), now), Is.EqualTo(new[] { 2, 3 }));
        }
    }

    [Test]
    public void Whoever_grafts_an_origin_gets_its_payloads_large_and_small_and_no_others()
    {
        RelayStep[] all = [Message(), Message(size: NodeDefaults.LargeMessage), Message(label: 8)];
        foreach (RelayStep step in all)
        {
            Choose(step);
            _policy.Learn(step, 2, isUseful: false);
        }

        _policy.Graft(Origin, 2);

        Assert.That(all.Select(step => Choose(step).Contains(2)), Is.EqualTo(new[] { true, true, false }));
    }

    [Test]
    public void Grafting_an_origin_that_nobody_knows_does_nothing()
    {
        _policy.Graft(Origin, 2);

        Assert.That(_policy.NoteParent(Message(from: 1)), Is.Null, "There is no row.");
    }

    [Test]
    public void The_last_one_to_bring_an_origin_first_is_its_parent()
    {
        Choose(Message(from: 4));

        Assert.That(_policy.NoteParent(Message(from: 4)), Is.Null);
        Assert.That(_policy.NoteParent(Message(from: 5)), Is.EqualTo(4));
        Assert.That(_policy.NoteParent(Message(from: 5)), Is.EqualTo(5));
    }

    [Test]
    public void For_all_that_a_failed_link_brought_the_runners_up_are_asked_instead()
    {
        foreach ((uint label, int parent, int? runnerUp) in ((uint, int, int?)[])[(7, 4, 5), (8, 4, 6), (9, 3, 5), (10, 4, null)])
        {
            Choose(Message(label, from: parent));
            _policy.NoteParent(Message(label, from: parent));
            if (runnerUp is { } slot)
                _policy.NoteRunnerUp(Message(label, from: parent), slot);
        }

        Assert.That(_policy.Replace(4), Is.EquivalentTo(new[] { new Substitute(7, 5), new Substitute(8, 6) }));
        Assert.That(_policy.Replace(4), Is.Empty, "They were asked.");
        Assert.That(_policy.Replace(6), Is.Empty, "A substitute has none yet.");
    }

    [Test]
    public void A_closed_link_is_no_parent_and_no_runner_up_and_its_slot_knows_nothing()
    {
        Choose(Message(from: 4));
        _policy.NoteParent(Message(from: 4));
        _policy.NoteRunnerUp(Message(from: 4), 1);
        _policy.Learn(Message(label: 0, from: 4), 1, isUseful: false);

        _policy.Close(4);
        _policy.Close(1);

        Assert.That(_policy.Replace(4), Is.Empty);
        Assert.That(_policy.NoteParent(Message(from: 6)), Is.Null);
        Assert.That(Choose(Message()), Is.EqualTo(new[] { 2, 3 }), "A new link is announced to.");
        Assert.That(Choose(Message(label: 0, from: 4)), Is.EqualTo(Links));
    }

    [Test]
    public void With_one_tree_for_all_origins_what_one_teaches_holds_for_the_others()
    {
        _policy = RelayPolicies.Create(RelayMode.Eager);
        Choose(Message(label: 7));

        _policy.Learn(Message(label: 0), 1, isUseful: false);

        Assert.That(Choose(Message(label: 8)), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(_policy.SuperfluousCopyOf(Message(label: 7)), Is.EqualTo(4));
        Assert.That(_policy.SuperfluousCopyOf(Message(label: 7) with { IsUrgent = true }), Is.EqualTo(4));
    }

    [Test]
    public void Urgent_messages_have_ways_of_their_own_and_their_third_copy_is_superfluous()
    {
        RelayStep calm = Message(label: 7), urgent = calm with { IsUrgent = true };
        Choose(calm);
        _policy.Learn(calm, 1, isUseful: false);

        Assert.That(Choose(urgent), Is.EqualTo(Links), "The first of its kind goes to all.");
        _policy.Learn(urgent, 2, isUseful: false);
        Assert.That(Choose(calm), Is.EqualTo(new[] { 2, 3 }));
        Assert.That(Choose(urgent), Is.EqualTo(new[] { 1, 3 }));
        Assert.That(_policy.SuperfluousCopyOf(calm), Is.EqualTo(2));
        Assert.That(_policy.SuperfluousCopyOf(urgent), Is.EqualTo(3));

        _policy.Graft(7, 2);
        Assert.That(Choose(urgent), Is.EqualTo(Links), "Whoever asks for an origin's messages wants all of them.");
    }

    [Test]
    public void Many_threads_at_once_do_no_harm()
    {
        Parallel.For(0, 20_000, i =>
        {
            RelayStep step = Message((uint)(i % 50), from: i % 5, size: i % 2 == 0 ? Size : NodeDefaults.LargeMessage);
            Choose(step, TimeSpan.FromMilliseconds(i));
            _policy.Learn(step, 1 + (i % 3), isUseful: i % 7 == 0);
            _policy.NoteParent(step);
            _policy.NoteRunnerUp(step, 2);
            if (i % 100 == 0)
                _policy.Replace(i % 5);
            if (i % 500 == 0)
                _policy.Close(i % 5);
        });

        Assert.That(Choose(Message(60_000, from: RelayStep.Self)), Is.EqualTo(Links));
    }

    [TestCase(RelayMode.Push, true)]
    [TestCase(RelayMode.Inv, false)]
    public void A_fixed_policy_never_learns(RelayMode mode, bool pushes)
    {
        IRelayPolicy policy = RelayPolicies.Create(mode);
        policy.Learn(Message(), 1, isUseful: !pushes);
        policy.Graft(Origin, 1);
        policy.NoteRunnerUp(Message(), 1);
        policy.Close(1);
        Span<bool> isPushed = stackalloc bool[Links.Length];

        policy.Choose(Message(), Links, isPushed, TimeSpan.Zero);

        Assert.That(isPushed.ToArray(), Is.All.EqualTo(pushes));
        Assert.That((policy.Learns, policy.AskWait, policy.NoteParent(Message())), Is.EqualTo((false, TimeSpan.Zero, (int?)null)));
        Assert.That(policy.Replace(1), Is.Empty);
    }

    [Test]
    public void There_is_no_policy_without_a_name() =>
        Assert.That(() => RelayPolicies.Create((RelayMode)99), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static RelayStep Message(uint label = Origin, int size = Size, int from = 9) => new(label, size, from);

    private int[] Choose(RelayStep step, params int[] links) => Choose(step, TimeSpan.Zero, links);

    private int[] Choose(RelayStep step, TimeSpan now, params int[] links)
    {
        links = links.Length > 0 ? links : Links;
        bool[] isPushed = new bool[links.Length];
        _policy.Choose(step, links, isPushed, now);
        return [.. links.Where((_, i) => isPushed[i])];
    }
}
